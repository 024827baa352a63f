# The two commands: `make run` and `make test`. Everything they do is in scripts/setup.sh and xtask/.
.PHONY: run dev test bench setup sqlx

run: setup
	@cargo xtask run

dev: setup
	@cargo xtask dev

test: setup
	@cargo xtask test

bench: setup
	@cargo xtask bench

sqlx: setup
	@cargo xtask sqlx

setup:
	@sh scripts/setup.sh

# The two commands: `make run` and `make test`. Everything they do is in scripts/setup.sh and xtask/.
.PHONY: run dev test bench races setup sqlx

run: setup
	@cargo xtask run

dev: setup
	@cargo xtask dev

test: setup
	@cargo xtask test

bench: setup
	@cargo xtask bench

# make races ROUNDS=200
races: setup
	@cargo xtask races $(ROUNDS)

sqlx: setup
	@cargo xtask sqlx

setup:
	@sh scripts/setup.sh

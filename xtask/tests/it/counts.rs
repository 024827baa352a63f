//! The closing lines of test runners, counted.

use xtask::step::Tally;

fn counted(lines: &str) -> Tally {
    let mut tally = Tally::default();
    lines.lines().for_each(|line| tally.read(line));
    tally
}

#[test]
fn the_runners_of_cargo_and_of_node_are_understood() {
    let cargo = "running 3 tests\n...\n\
                 test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                 test result: FAILED. 87 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
    assert_eq!(counted(cargo), Tally { passed: 90, failed: 2 });
    let node = "✔ a role is given (15296.18ms)\nℹ tests 12\nℹ pass 11\nℹ fail 1\nℹ skipped 0";
    assert_eq!(counted(node), Tally { passed: 11, failed: 1 });
}

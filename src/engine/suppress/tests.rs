use proptest::prelude::*;

use super::*;

/// A table of two axes with its sums; below five is few.
fn table(rows: &[&[i64]]) -> Cube {
    let mut cube = Cube::new(vec![rows.len(), rows[0].len()]);
    for (row, values) in rows.iter().enumerate() {
        for (column, value) in values.iter().enumerate() {
            for at in [
                [row, column],
                [rows.len(), column],
                [row, values.len()],
                [rows.len(), values.len()],
            ] {
                let cell = cube.at(&at);
                cube.values[cell] += value;
            }
        }
    }
    cube.few = cube.values.iter().map(|value| (1..5).contains(value)).collect();
    cube
}

/// Whether somebody who knows the shown numbers can tell this hidden one: looks for tables that
/// agree with all that is shown, number by number. Slow, and by another way than the engine's.
fn possible(cube: &Cube, hidden: &[bool], cell: usize) -> Vec<i64> {
    let unknown: Vec<usize> = (0..hidden.len()).filter(|cell| hidden[*cell]).collect();
    let least = i64::from(!unknown.iter().any(|cell| cube.values[*cell] == 0));
    let mut found = Vec::new();
    let mut trial: Vec<Option<i64>> =
        cube.values.iter().zip(hidden).map(|(value, hidden)| (!hidden).then_some(*value)).collect();
    for value in least..=8 {
        trial[cell] = Some(value);
        let rest: Vec<usize> = unknown.iter().copied().filter(|other| *other != cell).collect();
        let mut tries = 200_000;
        if fits(&cube.lines(), &mut trial.clone(), &rest, least, &mut tries) {
            found.push(value);
        }
    }
    found
}

fn fits(
    lines: &[Line],
    trial: &mut Vec<Option<i64>>,
    rest: &[usize],
    least: i64,
    tries: &mut u32,
) -> bool {
    *tries = tries.saturating_sub(1);
    let agrees = lines.iter().all(|line| {
        let (sum, parts) = line.split_last().unwrap();
        let known: i64 = parts.iter().filter_map(|cell| trial[*cell]).sum();
        let open = parts.iter().filter(|cell| trial[**cell].is_none()).count();
        match trial[*sum] {
            Some(sum) if open == 0 => known == sum,
            Some(sum) => known + least * i64::try_from(open).unwrap() <= sum,
            None => true,
        }
    });
    if !agrees {
        return false;
    }
    // Not gone through to the end: nothing is claimed of it.
    if *tries == 0 {
        return true;
    }
    let Some((next, rest)) = rest.split_first() else { return true };
    (least..=110).any(|value| {
        trial[*next] = Some(value);
        let done = fits(lines, trial, rest, least, tries);
        trial[*next] = None;
        done
    })
}

#[test]
fn one_small_number_takes_others_with_it() {
    let cube = table(&[&[3, 20, 9], &[12, 30, 7], &[40, 8, 50]]);
    let hidden = cube.hidden();
    let shown: Vec<Option<i64>> =
        cube.values.iter().zip(&hidden).map(|(v, h)| (!h).then_some(*v)).collect();
    // The small one, one more in its row and in its column, and the corner that joins them.
    assert_eq!(shown[..12].iter().filter(|value| value.is_none()).count(), 4, "{shown:?}");
    assert!(hidden[0]);
    // The sums are still told.
    assert!(!hidden[3] && !hidden[12] && !hidden[15]);
}

#[test]
fn large_numbers_and_nothing_are_shown() {
    let cube = table(&[&[0, 20, 9], &[12, 0, 7]]);
    assert!(cube.hidden().iter().all(|hidden| !hidden));
}

#[test]
fn ones_that_only_fit_as_ones_are_not_left_alone() {
    // All sums are two: who knows that a hidden number is not nothing knows that all are one.
    let cube = table(&[&[1, 1, 30], &[1, 1, 40], &[20, 25, 0]]);
    let hidden = cube.hidden();
    for cell in [0, 1, 4, 5] {
        let possible = possible(&cube, &hidden, cell);
        assert!(possible.len() > 1, "{cell}: {possible:?} {hidden:?}");
    }
}

#[test]
fn a_sum_that_is_small_itself_is_hidden() {
    let cube = table(&[&[2, 0], &[0, 0]]);
    let hidden = cube.hidden();
    assert!(hidden[0] && hidden[2] && hidden[6] && hidden[8], "{hidden:?}");
}

#[test]
fn outcomes_do_not_tell_each_other() {
    // Place, month and outcome: 12 agreed, of which 9 kept and 3 called off.
    let mut cube = Cube::new(vec![1, 1, 2]);
    for place in 0..2 {
        for month in 0..2 {
            for (outcome, value) in [9, 3, 12].into_iter().enumerate() {
                let cell = cube.at(&[place, month, outcome]);
                cube.values[cell] = value;
            }
        }
    }
    cube.few = cube.values.iter().map(|value| (1..5).contains(value)).collect();
    let hidden = cube.hidden();
    for start in [0, 3, 6, 9] {
        let line = &hidden[start..start + 3];
        assert!(line.iter().filter(|hidden| **hidden).count() != 1, "{hidden:?}");
        assert!(line[1]);
    }
}

/// A year of a prefecture as it may well be: 62 municipalities, 12 months, 7 outcomes.
fn year() -> Cube {
    let mut cube = Cube::new(vec![62, 12, 7]);
    let mut seed = 7_u64;
    let mut chance = |most: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        i64::try_from((seed >> 33) % most).unwrap()
    };
    for place in 0..62 {
        for month in 0..12 {
            for outcome in 0..7 {
                let value = if outcome == 0 { 20 + chance(40) } else { chance(9) };
                for corner in 0..8_usize {
                    let at =
                        |bit: usize, part, sum| if corner >> bit & 1 == 1 { sum } else { part };
                    let cell = cube.at(&[at(0, place, 62), at(1, month, 12), at(2, outcome, 7)]);
                    cube.values[cell] += value;
                }
            }
        }
    }
    cube.few = cube.values.iter().map(|value| (1..5).contains(value)).collect();
    cube
}

#[test]
fn where_too_many_are_small_the_sums_are_still_told() {
    let cube = year();
    let begun = std::time::Instant::now();
    let hidden = cube.hidden();
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    assert!(cube.solved().is_none());
    assert!(hidden[cube.at(&[3, 4, 0])]);
    // All months of a municipality together, and all municipalities in a month.
    for cell in [[3, 12, 0], [62, 4, 0], [62, 12, 7], [3, 12, 7]] {
        assert!(!hidden[cube.at(&cell)], "{cell:?}");
    }
    let few = cube.few.iter().zip(&hidden);
    assert!(few.clone().all(|(few, hidden)| *hidden || !*few));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn no_small_number_can_be_worked_out(
        rows in prop::collection::vec(prop::collection::vec(
            prop_oneof![Just(0_i64), 1_i64..5, 5_i64..12], 2..=3), 2..=3)
    ) {
        let width = rows.iter().map(Vec::len).min().unwrap();
        let rows: Vec<&[i64]> = rows.iter().map(|row| &row[..width]).collect();
        let cube = table(&rows);
        let hidden = cube.hidden();
        for cell in (0..cube.values.len()).filter(|cell| cube.few[*cell]) {
            prop_assert!(hidden[cell]);
            let possible = possible(&cube, &hidden, cell);
            prop_assert!(possible.len() > 1, "{cube:?} {hidden:?} {cell} {possible:?}");
        }
    }
}

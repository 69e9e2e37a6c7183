//! What the hidden cells of a table leave possible, by a reckoning of its own.

use onshin::engine::suppress::Cube;
use proptest::prelude::*;

/// A table of these innermost numbers, with its sums; below five is few.
fn table(parts: &[usize], inner: &[i64]) -> Cube {
    let mut cube = Cube::new(parts.to_vec());
    for (number, value) in inner.iter().take(parts.iter().product()).enumerate() {
        let mut rest = number;
        let mut place: Vec<usize> = parts
            .iter()
            .rev()
            .map(|of| {
                let at = rest % of;
                rest /= of;
                at
            })
            .collect();
        place.reverse();
        for corner in 0..1_usize << parts.len() {
            let summed = (0..parts.len())
                .map(|axis| if corner >> axis & 1 == 1 { parts[axis] } else { place[axis] });
            let cell = cube.at(&summed.collect::<Vec<_>>());
            cube.values[cell] += value;
        }
    }
    cube.few = cube.values.iter().map(|value| (1..5).contains(value)).collect();
    cube
}

/// Cells of which the last is the sum of the others.
fn lines(cube: &Cube) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for parts in &cube.parts {
        all = all
            .into_iter()
            .flat_map(|place: Vec<usize>| {
                (0..=*parts).map(move |at| [place.clone(), vec![at]].concat())
            })
            .collect();
    }
    let along = |axis: usize| {
        let starts = all.iter().filter(move |place| place[axis] == 0);
        starts.map(move |place| {
            let cells = (0..=cube.parts[axis]).map(|at| {
                let mut place = place.clone();
                place[axis] = at;
                cube.at(&place)
            });
            cells.collect()
        })
    };
    (0..cube.parts.len()).flat_map(along).collect()
}

/// Whether some numbers within these bounds are not refuted by going over all lines again and again.
fn stands(lines: &[Vec<usize>], mut low: Vec<i64>, mut high: Vec<i64>) -> bool {
    loop {
        let before = (low.clone(), high.clone());
        for line in lines {
            let (sum, parts) = line.split_last().unwrap();
            low[*sum] = low[*sum].max(parts.iter().map(|cell| low[*cell]).sum());
            high[*sum] = high[*sum].min(parts.iter().map(|cell| high[*cell]).sum());
            for part in parts {
                let others = || parts.iter().filter(|cell| *cell != part);
                let least = low[*sum] - others().map(|cell| high[*cell]).sum::<i64>();
                let most = high[*sum] - others().map(|cell| low[*cell]).sum::<i64>();
                low[*part] = low[*part].max(least);
                high[*part] = high[*part].min(most);
            }
            if line.iter().any(|cell| low[*cell] > high[*cell]) {
                return false;
            }
        }
        if before == (low.clone(), high.clone()) {
            return true;
        }
    }
}

/// The cells of few with a small number that what is shown refutes.
fn told(cube: &Cube, hidden: &[bool]) -> Vec<(usize, i64)> {
    let lines = lines(cube);
    let nobody = hidden.iter().zip(&cube.values).any(|(hidden, value)| *hidden && *value == 0);
    let far = cube.values.iter().sum::<i64>() + 1;
    let few = (0..hidden.len()).filter(|cell| cube.few[*cell]);
    let trials = few.flat_map(|cell| (1..5).map(move |value| (cell, value)));
    let refuted = trials.filter(|(cell, value)| {
        let bound = |least: i64| {
            let cells = cube.values.iter().zip(hidden);
            let mut all: Vec<i64> =
                cells.map(|(value, hidden)| if *hidden { least } else { *value }).collect();
            all[*cell] = *value;
            all
        };
        !stands(&lines, bound(i64::from(!nobody)), bound(far))
    });
    refuted.collect()
}

/// Nothing is told, or nothing at all is shown.
fn check(cube: &Cube) {
    let hidden = cube.hidden();
    for cell in (0..hidden.len()).filter(|cell| cube.few[*cell]) {
        assert!(hidden[cell], "{cell} of {cube:?}");
    }
    if hidden.iter().any(|hidden| !hidden) {
        assert_eq!(told(cube, &hidden), [], "{cube:?} {hidden:?}");
    }
}

#[test]
fn a_number_that_only_all_lines_together_tell_is_not_told() {
    // Bounds line by line left one to four for each; all of them together left one number.
    let inner =
        [6, 20, 3, 0, 14, 0, 9, 4, 0, 9, 6, 5, 1, 3, 1, 0, 0, 4, 4, 14, 2, 9, 14, 9, 2, 5, 9];
    let cube = table(&[3, 3, 3], &inner);
    assert_eq!(cube.values.last(), Some(&153));
    check(&cube);
    // It is not that nothing is shown: the sum of all is.
    assert!(!cube.hidden().last().unwrap());
}

fn number() -> impl Strategy<Value = i64> {
    prop::sample::select(vec![0, 0, 1, 2, 3, 4, 5, 6, 9, 14, 20])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_small_number_of_two_axes_is_refuted(
        parts in prop::collection::vec(1..=5_usize, 2),
        inner in prop::collection::vec(number(), 25),
    ) {
        check(&table(&parts, &inner));
    }

    #[test]
    fn no_small_number_of_three_axes_is_refuted(
        parts in prop::collection::vec(1..=3_usize, 3),
        inner in prop::collection::vec(number(), 27),
    ) {
        check(&table(&parts, &inner));
    }
}

//! Which numbers of a table must not be shown, so that no small number of patients can be read in
//! it or worked out from its sums: pure.
//!
//! A table has two or three axes, each with parts and a sum behind them, so that along each line
//! the parts make the sum. Cells that stand for few patients are hidden; then as many more as keep
//! whoever knows the sums, and that a hidden number is not nothing, from telling one of them:
//!
//! - no line has just one hidden cell;
//! - no hidden cell follows from all lines together (by elimination);
//! - what the lines leave possible for a cell of few is not less than "one to four" (by bounds
//!   that are narrowed line by line).

use std::collections::{BTreeMap, VecDeque};

/// More hidden cells than this are not gone through one by one.
const MOST: usize = 1200;
/// A large prime, by which elimination goes: that rows depend on each other does not hang on it.
const PRIME: i64 = 1_000_000_007;
/// The largest number that a hidden cell of few stands for.
const FEW_MOST: i64 = 4;

/// A table with its sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cube {
    /// How many parts each axis has; behind them stands the sum.
    pub parts: Vec<usize>,
    /// The numbers, the last axis running fastest.
    pub values: Vec<i64>,
    /// Which of them stand for few patients.
    pub few: Vec<bool>,
}

/// A line of a table: cells, of which the last is the sum of the others.
type Line = Vec<usize>;

impl Cube {
    /// An empty table.
    pub fn new(parts: Vec<usize>) -> Self {
        let cells = parts.iter().map(|parts| parts + 1).product();
        Self { parts, values: vec![0; cells], few: vec![false; cells] }
    }

    /// The place of a cell; the sum of an axis is behind its parts.
    pub fn at(&self, place: &[usize]) -> usize {
        self.parts.iter().zip(place).fold(0, |at, (parts, place)| at * (parts + 1) + place)
    }

    /// How many sums a cell is of.
    fn rank(&self, mut cell: usize) -> usize {
        let mut rank = 0;
        for parts in self.parts.iter().rev() {
            rank += usize::from(cell % (parts + 1) == *parts);
            cell /= parts + 1;
        }
        rank
    }

    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut step = 1;
        for parts in self.parts.iter().rev() {
            for start in 0..self.values.len() {
                if start / step % (parts + 1) == 0 {
                    lines.push((0..=*parts).map(|place| start + place * step).collect());
                }
            }
            step *= parts + 1;
        }
        lines
    }

    /// Which cells must not be shown. Where too many are to be hidden for all lines to be gone
    /// through, nothing is told of single parts of the first two axes together, only their sums.
    pub fn hidden(&self) -> Vec<bool> {
        self.solved(&vec![false; self.values.len()]).unwrap_or_else(|| self.only_sums())
    }

    /// The same, where these cells are not shown anyway; nothing where too many would be hidden.
    fn solved(&self, forced: &[bool]) -> Option<Vec<bool>> {
        let few = self.few.iter().zip(&self.values).map(|(few, value)| *few && *value > 0);
        let hidden = few.zip(forced).map(|(few, forced)| few || *forced).collect();
        let lines = self.lines();
        let mut of_cell = vec![Vec::new(); self.values.len()];
        for (number, line) in lines.iter().enumerate() {
            for cell in line {
                of_cell[*cell].push(number);
            }
        }
        Search { cube: self, lines, of_cell, hidden }.run()
    }

    /// Hides all that is not a sum of the first or of the second axis, and of those sums as many as
    /// must be.
    fn only_sums(&self) -> Vec<bool> {
        let slices = [self.slice(0), self.slice(1)];
        let mut hidden = vec![true; self.values.len()];
        for cell in slices.iter().flat_map(|(_, cells)| cells) {
            hidden[*cell] = false;
        }
        loop {
            let before = hidden.clone();
            for (cube, cells) in &slices {
                let forced: Vec<bool> = cells.iter().map(|cell| hidden[*cell]).collect();
                let solved = cube.solved(&forced).unwrap_or_else(|| cube.only_all(&forced));
                for (cell, now) in cells.iter().zip(solved) {
                    hidden[*cell] |= now;
                }
            }
            if hidden == before {
                return hidden;
            }
        }
    }

    /// Hides all but the sum of all, and that as well where it stands for few.
    fn only_all(&self, forced: &[bool]) -> Vec<bool> {
        let last = self.values.len() - 1;
        let mut hidden = vec![true; last];
        hidden.push(self.few[last] && self.values[last] > 0 || forced[last]);
        hidden
    }

    /// The sums of one axis as a table of the others, with the places of its cells in this one.
    fn slice(&self, axis: usize) -> (Self, Vec<usize>) {
        let mut parts = self.parts.clone();
        let sum = parts.remove(axis);
        let below: usize = self.parts[axis + 1..].iter().map(|parts| parts + 1).product();
        let of_axis = |cell: &usize| cell / below % (sum + 1) == sum;
        let cells: Vec<usize> = (0..self.values.len()).filter(of_axis).collect();
        let values = cells.iter().map(|cell| self.values[*cell]).collect();
        let few = cells.iter().map(|cell| self.few[*cell]).collect();
        (Self { parts, values, few }, cells)
    }
}

/// A table while cells of it are hidden.
struct Search<'c> {
    cube: &'c Cube,
    lines: Vec<Line>,
    of_cell: Vec<Vec<usize>>,
    hidden: Vec<bool>,
}

impl Search<'_> {
    /// Nothing where more cells are hidden than can be gone through.
    fn run(mut self) -> Option<Vec<bool>> {
        loop {
            self.pair();
            if self.hidden.iter().filter(|hidden| **hidden).count() > MOST {
                return None;
            }
            let mut told = self.eliminated();
            told.extend(self.narrowed());
            let before = self.hidden.clone();
            for cell in told {
                let cells = self.of_cell[cell].iter().flat_map(|line| &self.lines[*line]);
                if let Some(more) = self.cheapest(cells.copied()) {
                    self.hidden[more] = true;
                }
            }
            if self.hidden == before {
                return Some(self.hidden);
            }
        }
    }

    /// Leaves no line with just one hidden cell.
    fn pair(&mut self) {
        let mut queue: VecDeque<usize> = (0..self.lines.len()).collect();
        while let Some(number) = queue.pop_front() {
            let line = &self.lines[number];
            if line.iter().filter(|cell| self.hidden[**cell]).count() != 1 {
                continue;
            }
            if let Some(more) = self.cheapest(line.iter().copied()) {
                self.hidden[more] = true;
                queue.extend(&self.of_cell[more]);
            }
        }
    }

    /// The shown cell that is missed least: sums last, nothing (which tells nobody of anybody) only
    /// where all else is hidden.
    fn cheapest(&self, cells: impl Iterator<Item = usize>) -> Option<usize> {
        let value = |cell: usize| self.cube.values[cell];
        let shown = cells.filter(|cell| !self.hidden[*cell]);
        shown.min_by_key(|cell| (value(*cell) == 0, self.cube.rank(*cell), value(*cell), *cell))
    }

    /// Hidden cells that follow from the lines: those that stand alone in a row after elimination.
    fn eliminated(&self) -> Vec<usize> {
        let mut solved: BTreeMap<usize, BTreeMap<usize, i64>> = BTreeMap::new();
        for line in &self.lines {
            let mut row = self.unknowns(line);
            // Without those that are the first of another row.
            while let Some((first, factor)) =
                row.iter().find(|(cell, _)| solved.contains_key(cell)).map(|(c, f)| (*c, *f))
            {
                subtract(&mut row, &solved[&first], factor);
            }
            let Some((&first, &lead)) = row.iter().next() else { continue };
            let inverse = power(lead, PRIME - 2);
            for factor in row.values_mut() {
                *factor = *factor * inverse % PRIME;
            }
            for other in solved.values_mut() {
                if let Some(factor) = other.get(&first).copied() {
                    subtract(other, &row, factor);
                }
            }
            solved.insert(first, row);
        }
        let alone = solved.iter().filter(|(_, row)| row.len() == 1);
        alone.map(|(cell, _)| *cell).collect()
    }

    /// A line as what it says of its hidden cells: the parts less the sum.
    fn unknowns(&self, line: &Line) -> BTreeMap<usize, i64> {
        let last = line.len() - 1;
        let factor = |place: usize| if place == last { PRIME - 1 } else { 1 };
        let hidden = line.iter().enumerate().filter(|(_, cell)| self.hidden[**cell]);
        hidden.map(|(place, cell)| (*cell, factor(place))).collect()
    }

    /// Hidden cells of few of which the lines tell more than that they are few.
    fn narrowed(&self) -> Vec<usize> {
        // Where a cell without anybody had to be hidden, a hidden number may be nothing.
        let hidden = self.hidden.iter().zip(&self.cube.values);
        let none = hidden.clone().any(|(hidden, value)| *hidden && *value == 0);
        let least = i64::from(!none);
        let far = self.cube.values.iter().sum::<i64>() + 1;
        let mut bounds: Vec<(i64, i64)> = hidden
            .map(|(hidden, value)| if *hidden { (least, far) } else { (*value, *value) })
            .collect();
        let mut moved = true;
        let mut rounds = 0;
        while moved && rounds < 100 {
            moved = false;
            rounds += 1;
            for line in &self.lines {
                moved |= narrow(line, &mut bounds);
            }
        }
        let few = |cell: &usize| self.hidden[*cell] && self.cube.few[*cell];
        let tells = |cell: &usize| bounds[*cell].0 > 1 || bounds[*cell].1 < FEW_MOST;
        (0..bounds.len()).filter(|cell| few(cell) && tells(cell)).collect()
    }
}

/// Narrows what is possible for the cells of one line by each other; whether anything moved.
fn narrow(line: &Line, bounds: &mut [(i64, i64)]) -> bool {
    let Some((sum, parts)) = line.split_last() else { return false };
    let (low, high) =
        parts.iter().fold((0, 0), |(low, high), at| (low + bounds[*at].0, high + bounds[*at].1));
    let before = bounds[*sum];
    let total = (before.0.max(low), before.1.min(high));
    bounds[*sum] = total;
    let mut moved = total != before;
    for part in parts {
        let (least, most) = bounds[*part];
        let now = (least.max(total.0 - (high - most)), most.min(total.1 - (low - least)));
        moved |= now != (least, most);
        bounds[*part] = now;
    }
    moved
}

/// Takes `factor` times `other` from `row`.
fn subtract(row: &mut BTreeMap<usize, i64>, other: &BTreeMap<usize, i64>, factor: i64) {
    for (cell, value) in other {
        let entry = row.entry(*cell).or_insert(0);
        *entry = (*entry + PRIME - factor * value % PRIME) % PRIME;
        if *entry == 0 {
            row.remove(cell);
        }
    }
}

fn power(mut base: i64, mut exponent: i64) -> i64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent /= 2;
    }
    result
}

#[cfg(test)]
mod tests;

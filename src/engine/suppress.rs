//! Which numbers of a table must not be shown, so that no small number of patients can be read in
//! it or worked out from its sums: pure.
//!
//! A table has two or three axes, each with parts and a sum behind them, so that along each line
//! the parts make the sum. Cells that stand for few patients are hidden; then as many more as keep
//! whoever knows the sums, and that a hidden number is not nothing, from telling one of them:
//!
//! - no line has just one hidden cell;
//! - no hidden cell follows from all lines together (by elimination);
//! - each of one to four stays possible for a cell of few: it is tried out, and what it means for
//!   the other cells is followed from line to line until nothing moves or something cannot be.

use std::collections::{BTreeMap, VecDeque};

use self::trials::{Bounds, Trials};

/// More hidden cells than this are not gone through one by one.
const MOST: usize = 1200;
/// A large prime, by which elimination goes: that rows depend on each other does not hang on it.
const PRIME: i64 = 1_000_000_007;

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
    /// through, nothing is told of single parts of the first two axes together, only their sums;
    /// where these are too many as well, only the sum of all.
    pub fn hidden(&self) -> Vec<bool> {
        self.solved().or_else(|| self.only_sums()).unwrap_or_else(|| self.only_all())
    }

    /// Whether a cell is hidden whatever stands around it.
    fn small(&self, cell: usize) -> bool {
        self.few[cell] && self.values[cell] > 0
    }

    /// Nothing where too many would be hidden.
    fn solved(&self) -> Option<Vec<bool>> {
        let hidden = (0..self.values.len()).map(|cell| self.small(cell)).collect();
        Search::new(self, self.lines(), hidden).run(true)
    }

    /// Hides all that is not a sum of the first or of the second axis, and of those sums as many as
    /// must be, by themselves and by what they tell of single parts. Nothing where that is too much.
    fn only_sums(&self) -> Option<Vec<bool>> {
        let sum = |cell: usize| self.is_sum(cell, 0) || self.is_sum(cell, 1);
        let of_sums = |line: &Line| line.iter().all(|cell| sum(*cell));
        let (sums, parts): (Vec<Line>, Vec<Line>) = self.lines().into_iter().partition(of_sums);
        let all: Vec<Line> = sums.iter().chain(&parts).cloned().collect();
        let mut hidden: Vec<bool> =
            (0..self.values.len()).map(|cell| !sum(cell) || self.small(cell)).collect();
        loop {
            let before = hidden.clone();
            hidden = Search::new(self, sums.clone(), hidden).run(true)?;
            hidden = Search::new(self, all.clone(), hidden).run(false)?;
            if hidden == before {
                return Some(hidden);
            }
        }
    }

    /// Hides all but the sum of all, and that as well where it stands for few.
    fn only_all(&self) -> Vec<bool> {
        let last = self.values.len() - 1;
        let mut hidden = vec![true; last];
        hidden.push(self.small(last));
        hidden
    }

    fn is_sum(&self, cell: usize, axis: usize) -> bool {
        let below: usize = self.parts[axis + 1..].iter().map(|parts| parts + 1).product();
        let parts = self.parts[axis];
        cell / below % (parts + 1) == parts
    }
}

/// A table while cells of it are hidden.
struct Search<'c> {
    cube: &'c Cube,
    lines: Vec<Line>,
    of_cell: Vec<Vec<usize>>,
    hidden: Vec<bool>,
    trials: Trials,
}

impl<'c> Search<'c> {
    fn new(cube: &'c Cube, lines: Vec<Line>, hidden: Vec<bool>) -> Self {
        let mut of_cell = vec![Vec::new(); hidden.len()];
        for (number, line) in lines.iter().enumerate() {
            for cell in line {
                of_cell[*cell].push(number);
            }
        }
        let trials = Trials::new(hidden.len());
        Self { cube, lines, of_cell, hidden, trials }
    }

    /// Hides until nothing is told: by lines and elimination, where those are asked, and by trying
    /// small numbers out. Nothing where that is more than can be gone through.
    fn run(mut self, eliminate: bool) -> Option<Vec<bool>> {
        loop {
            let mut told = Vec::new();
            if eliminate {
                self.pair();
                if self.open().count() > MOST {
                    return None;
                }
                told = self.eliminated();
            }
            told.extend(self.tried()?);
            if !self.cover(&told) {
                return Some(self.hidden);
            }
        }
    }

    /// The hidden cells that lines say something of.
    fn open(&self) -> impl Iterator<Item = usize> {
        (0..self.hidden.len()).filter(|cell| self.hidden[*cell] && !self.of_cell[*cell].is_empty())
    }

    /// Hides more around the cells that are told; whether there was anything to hide.
    fn cover(&mut self, told: &[usize]) -> bool {
        let mut covered = false;
        for cell in told {
            if let Some(more) = self.cheapest(self.beside(*cell)) {
                self.hidden[more] = true;
                covered = true;
            }
        }
        let told = told.iter().find(|cell| self.cube.small(**cell));
        if !covered && let Some(more) = told.and_then(|cell| self.farther(*cell)) {
            self.hidden[more] = true;
            covered = true;
        }
        covered
    }

    /// The cells of all lines through this one.
    fn beside(&self, cell: usize) -> impl Iterator<Item = usize> {
        self.of_cell[cell].iter().flat_map(|line| &self.lines[*line]).copied()
    }

    /// What to hide for a cell that is told though all beside it is hidden: a cell without anybody,
    /// since a hidden number may then be nothing; else what stands one line farther, else any.
    fn farther(&self, cell: usize) -> Option<usize> {
        let any = || (0..self.hidden.len()).filter(|cell| !self.of_cell[*cell].is_empty());
        let nobody = any().filter(|cell| self.cube.values[*cell] == 0);
        let none = (self.least() > 0).then(|| self.cheapest(nobody)).flatten();
        none.or_else(|| self.cheapest(self.beside(cell).flat_map(|near| self.beside(near))))
            .or_else(|| self.cheapest(any()))
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

    /// The least that a hidden number may be: where a cell without anybody had to be hidden, nothing.
    fn least(&self) -> i64 {
        i64::from(!self.open().any(|cell| self.cube.values[cell] == 0))
    }

    /// Hidden cells of few for which the lines do not leave all of one to four; nothing where
    /// trying that out takes too long.
    fn tried(&mut self) -> Option<Vec<usize>> {
        let (least, far) = (self.least(), self.cube.values.iter().sum::<i64>() + 1);
        let hidden = self.hidden.iter().zip(&self.cube.values);
        let of =
            hidden.map(|(hidden, value)| if *hidden { (least, far) } else { (*value, *value) });
        let mut bounds = Bounds::new(of.collect());
        let few: Vec<usize> = self.open().filter(|cell| self.cube.small(*cell)).collect();
        let table = (self.lines.as_slice(), self.of_cell.as_slice());
        let all: Vec<usize> = (0..self.lines.len()).collect();
        self.trials.follow(table, &mut bounds, &all);
        bounds.keep();
        let told = few.into_iter().filter(|cell| !self.trials.all_fit(table, &mut bounds, *cell));
        let told = told.collect();
        self.trials.done().then_some(told)
    }
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

mod trials;

#[cfg(test)]
mod tests;

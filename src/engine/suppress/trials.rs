//! Small numbers tried out for hidden cells: what each means for all others, from line to line.

use std::collections::VecDeque;

use super::Line;

/// What a hidden cell of few may stand for.
const FEW: [i64; 4] = [1, 2, 3, 4];
/// More lines than this are not followed to try numbers out: some seconds at the worst.
const MOST_STEPS: u64 = 4_000_000;

/// All lines, and which of them go through each cell.
pub(super) type Table<'a> = (&'a [Line], &'a [Vec<usize>]);

/// What is possible for each cell, and what it was before it was narrowed.
pub(super) struct Bounds {
    of: Vec<(i64, i64)>,
    moved: Vec<(usize, (i64, i64))>,
}

impl Bounds {
    pub(super) fn new(of: Vec<(i64, i64)>) -> Self {
        Self { of, moved: Vec::new() }
    }

    /// What was narrowed so far is not undone.
    pub(super) fn keep(&mut self) {
        self.moved.clear();
    }

    /// Narrows a cell; whether anything is left for it.
    fn set(&mut self, cell: usize, now: (i64, i64)) -> bool {
        let before = self.of[cell];
        if now != before {
            self.moved.push((cell, before));
            self.of[cell] = now;
        }
        now.0 <= now.1
    }

    /// Widens all cells to what they were.
    fn undo(&mut self) {
        while let Some((cell, before)) = self.moved.pop() {
            self.of[cell] = before;
        }
    }

    /// Narrows the cells of one line by each other; whether anything is left for all of them.
    fn narrow(&mut self, line: &Line) -> bool {
        let Some((sum, parts)) = line.split_last() else { return true };
        let (low, high) = parts
            .iter()
            .fold((0, 0), |(low, high), at| (low + self.of[*at].0, high + self.of[*at].1));
        let before = self.of[*sum];
        let total = (before.0.max(low), before.1.min(high));
        self.set(*sum, total)
            && parts.iter().all(|part| {
                let (least, most) = self.of[*part];
                let now = (least.max(total.0 - (high - most)), most.min(total.1 - (low - least)));
                self.set(*part, now)
            })
    }
}

/// Small numbers as they are tried out for cells.
pub(super) struct Trials {
    /// Those that were found to fit. Hiding more takes none of them away.
    fit: Vec<[bool; FEW.len()]>,
    steps: u64,
}

impl Trials {
    pub(super) fn new(cells: usize) -> Self {
        Self { fit: vec![[false; FEW.len()]; cells], steps: 0 }
    }

    /// Whether none was left out because there were too many.
    pub(super) fn done(&self) -> bool {
        self.steps <= MOST_STEPS
    }

    /// Whether the lines leave each small number for a cell.
    pub(super) fn all_fit(&mut self, table: Table<'_>, bounds: &mut Bounds, cell: usize) -> bool {
        FEW.into_iter().enumerate().all(|(place, value)| {
            if self.fit[cell][place] {
                return true;
            }
            let (least, most) = bounds.of[cell];
            let fits = least <= value && value <= most && {
                bounds.set(cell, (value, value));
                let fits = self.follow(table, bounds, &table.1[cell]);
                bounds.undo();
                fits
            };
            self.fit[cell][place] = fits;
            fits
        })
    }

    /// Follows what is known from these lines on until nothing moves; whether it can be.
    pub(super) fn follow(
        &mut self,
        (lines, of_cell): Table<'_>,
        bounds: &mut Bounds,
        from: &[usize],
    ) -> bool {
        let mut queue: VecDeque<usize> = from.iter().copied().collect();
        let mut queued = vec![false; lines.len()];
        for number in from {
            queued[*number] = true;
        }
        while let Some(number) = queue.pop_front() {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return true;
            }
            queued[number] = false;
            let known = bounds.moved.len();
            if !bounds.narrow(&lines[number]) {
                return false;
            }
            for (cell, _) in &bounds.moved[known..] {
                for line in &of_cell[*cell] {
                    if !std::mem::replace(&mut queued[*line], true) {
                        queue.push_back(*line);
                    }
                }
            }
        }
        true
    }
}

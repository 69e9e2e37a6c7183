import type { ReactNode } from "react";

export interface SummaryRow {
  term: string;
  value: ReactNode;
  /** A link or button that changes this answer. */
  action?: ReactNode;
}

/** Questions and answers, one below the other on a telephone. */
export function SummaryList({ rows }: { rows: SummaryRow[] }) {
  return (
    <dl className="summary">
      {rows.map((row) => (
        <div className="summary-row" key={row.term}>
          <dt>{row.term}</dt>
          <dd className="summary-value">{row.value}</dd>
          {row.action ? <dd className="summary-action">{row.action}</dd> : null}
        </div>
      ))}
    </dl>
  );
}

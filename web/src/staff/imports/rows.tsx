import { useLingui } from "@lingui/react/macro";
import { api, type Schemas } from "../../api/client";
import { QueryState } from "../../ui/query-state";
import { TableFrame } from "../table-frame";
import { type Choice, useKinds, useThings } from "./counters";

type Row = Schemas["ImportRow"];

/** A page of the rows that a counter opened. */
export function RowsTable({ draft, list, choice, onChoose }: { draft: string; list: Schemas["ImportDraftList"]; choice: Choice; onChoose: (choice: Choice | undefined) => void }) {
  const { t } = useLingui();
  const kinds = useKinds();
  const things = useThings();
  const { thing, kind, page } = choice;
  const query = api.useQuery("get", "/api/admin/imports/drafts/{id}/rows", { params: { path: { id: draft }, query: { list: list.position, thing, kind, page } } });
  const name = t`${things[thing]}：${kinds[kind]}`;
  return (
    <section aria-label={name}>
      <h3>{name}</h3>
      <QueryState query={query} />
      {query.data ? (
        <>
          {kind === "error" || kind === "warning" ? <Odd name={name} rows={query.data.odd} /> : <Things name={name} kind={kind} rows={query.data.rows} pairs={list.summary.redesignations} />}
          {page > 1 || query.data.more ? (
            <p className="buttons">
              <button type="button" className="button button-outline" disabled={page === 1} onClick={() => { onChoose({ ...choice, page: page - 1 }); }}>{t`前の50件`}</button>
              <span>{t`${page} ページ目`}</span>
              <button type="button" className="button button-outline" disabled={!query.data.more} onClick={() => { onChoose({ ...choice, page: page + 1 }); }}>{t`次の50件`}</button>
            </p>
          ) : null}
        </>
      ) : null}
    </section>
  );
}

function Things({ name, kind, rows, pairs }: { name: string; kind: Choice["kind"]; rows: Row[]; pairs: Schemas["Redesignation"][] }) {
  const { t } = useLingui();
  const other = (code: string) => pairs.find((pair) => pair.old === code)?.new ?? pairs.find((pair) => pair.new === code)?.old;
  const shown = (row: Row) => row.fields.filter((field) => field.field !== "name" || kind === "changed").filter((field) => kind !== "changed" || field.differs);
  return (
    <TableFrame label={name}>
      <table className="table stacked">
        <caption className="visually-hidden">{name}</caption>
        <thead>
          <tr>
            <th scope="col">{t`番号`}</th>
            <th scope="col">{t`名称`}</th>
            <th scope="col">{kind === "changed" ? t`変わるところ` : t`内容`}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => {
            const twin = other(row.code10);
            return (
              <tr key={`${row.code10}${index}`}>
                <th scope="row" data-label={t`番号`}>{row.code10}</th>
                <td data-label={t`名称`}>
                  {row.name}
                  {twin ? <span className="small block">{kind === "lapsed" ? t`${twin} に番号が変わったと思われます` : t`${twin} から番号が変わったと思われます`}</span> : null}
                </td>
                <td data-label={kind === "changed" ? t`変わるところ` : t`内容`}>
                  <ul className="plain">
                    {shown(row).map((field) => (
                      <li key={field.field}>
                        {kind === "changed" ? <>{field.label}: <del>{field.old ?? ""}</del> → <ins>{field.new ?? ""}</ins></> : t`${field.label}: ${field.new || field.old || "―"}`}
                      </li>
                    ))}
                  </ul>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Odd({ name, rows }: { name: string; rows: Schemas["OddRowJson"][] }) {
  const { t } = useLingui();
  return (
    <TableFrame label={name}>
      <table className="table stacked">
        <caption className="visually-hidden">{name}</caption>
        <thead>
          <tr>
            <th scope="col">{t`行`}</th>
            <th scope="col">{t`理由`}</th>
            <th scope="col">{t`名簿の行`}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={`${row.row}${index}`}>
              <th scope="row" className="figures" data-label={t`行`}>{row.row}</th>
              <td data-label={t`理由`}>{row.text}<span className="small block">{row.detail}</span></td>
              <td data-label={t`名簿の行`}>{row.cells.join(" ｜ ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

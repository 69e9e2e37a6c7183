/** A native field for a calendar file; it is read as soon as it was chosen. */
export function FileField({ id, label, busy, onFile }: { id: string; label: string; busy: boolean; onFile: (file: File) => void }) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input className="file" id={id} type="file" accept=".ics,text/calendar" disabled={busy} onChange={(event) => {
        const file = event.target.files?.[0];
        if (file) onFile(file);
        event.target.value = "";
      }} />
    </div>
  );
}

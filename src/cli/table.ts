// Columns of text for the terminal: two spaces between them, no lines, so that `awk` reads them as well as people do.

/**
 * Aligns rows under their header; no newline at the end.
 *
 * @param rows each as long as the header
 */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Rows of names and texts, the texts aligned and wrapped, indented by two blanks. */
export function definitionList(
  rows: readonly (readonly [name: string, text: string])[],
  width = 96,
): string {
  const indent = Math.max(...rows.map(([name]) => name.length)) + 4
  return rows
    .map(([name, text]) => {
      const lines = wrapped(text, width - indent)
      return `${`  ${name}`.padEnd(indent)}${lines.join(`\n${' '.repeat(indent)}`)}\n`
    })
    .join('')
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

// The prose of our documentation as a manual page has it: headings, paragraphs, lists and code. Pure; no more of Markdown than we use there.
import { bullet, heading, paragraph, preformatted } from './roff.ts'

/**
 * @param text headings of the second level, paragraphs, lists by "-", fenced code; comments and the title (first level) are left out
 * @returns source for man(7)
 */
export function fromMarkdown(text: string): string {
  const blocks = text.matchAll(/```\w*\n(?<code>[^]*?)\n```|(?<block>(?:(?!```).+(?:\n|$))+)/g)
  return [...blocks]
    .map(({ groups }) =>
      groups?.['code'] === undefined ? ofBlock(groups?.['block'] ?? '') : preformatted(groups['code']),
    )
    .join('')
}

function ofBlock(block: string): string {
  if (block.startsWith('# ') || block.startsWith('<!--')) return ''
  if (block.startsWith('## ')) return heading(block.slice(3).trim())
  const lines = block.trim().replaceAll(/\n(?!- )\s*/g, ' ')
  return lines.startsWith('- ') ? lines.slice(2).split('\n- ').map(bullet).join('') : paragraph(lines)
}

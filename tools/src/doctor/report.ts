import { isFit, neededUses, uses, type NamedFinding, type Use } from './check.ts'

const titles: Readonly<Record<Use, string>> = {
  play: 'play: npm start, npm run demo',
  test: 'test: npm test',
  'local cluster': 'local cluster: npx hydra up',
  images: 'images: docker compose up (nothing else needs it)',
}

/** All findings for a person, by what they are needed for. */
export function reportText(findings: readonly NamedFinding[]): string {
  const nameChars = Math.max(...findings.map(({ name }) => name.length))
  const indent = ' '.repeat(2 + 'missing'.length + 2 + nameChars + 2)
  const groups = uses.map((use) => {
    const lines = findings
      .filter((each) => each.use === use)
      .map(({ verdict, name, detail, help = [] }) =>
        [
          `  ${verdict.padEnd('missing'.length)}  ${name.padEnd(nameChars)}  ${detail}`,
          ...help.map((line) => `${indent}${line}`),
        ].join('\n'),
      )
    return `${titles[use]}\n${lines.join('\n')}`
  })
  return `${groups.join('\n\n')}\n\n${conclusion(findings)}\n`
}

/** All findings for a program. */
export const reportJson = (findings: readonly NamedFinding[]): string =>
  `${JSON.stringify({ ok: isFit(findings), findings }, undefined, 2)}\n`

function conclusion(findings: readonly NamedFinding[]): string {
  const missing = findings.filter(({ use, verdict }) => verdict === 'missing' && neededUses.has(use))
  if (missing.length === 0) return 'What it takes to play and to test is there.'
  return `Missing: ${missing.map(({ name, use }) => `${name} (${use})`).join(', ')}. What to do is above.`
}

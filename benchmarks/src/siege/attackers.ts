// Attacks a gate until it is ended: `attackers.ts <attack> <port> <token …>`. Says when it begins.
import { attacks, type AttackName } from './attacks.ts'

const [name = '', port = '', ...tokens] = process.argv.slice(2)
if (!(name in attacks)) throw new Error(`There is no attack "${name}".`)
const { connections, run } = attacks[name as AttackName]
/** The siege ends this process; should it be gone, it ends by itself. */
const atMostMs = 120_000

async function attackAgain(index: number): Promise<void> {
  for (;;) {
    try {
      await run(Number(port), tokens[index % tokens.length] ?? '')
    } catch {
      // Refused on the way: the gate defends itself. A pause, so that this process does not only attack itself.
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

process.on('SIGTERM', () => process.exit(0))
setTimeout(() => process.exit(1), atMostMs)
console.log('attacking')
await Promise.all(Array.from({ length: connections }, (_, index) => attackAgain(index)))

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Starts a TypeScript file of this folder in its own process group and waits for the JSON that it prints first. */
export const startFixture = async (
  name: string,
  args: readonly string[] = [],
): Promise<{ readonly process: ChildProcess; readonly report: unknown }> => {
  const file = fileURLToPath(new URL(name, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', file, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { process: child, report: JSON.parse(String(line)) }
}

import { join } from 'node:path'
import type { Check } from '../check.ts'

/** Loads it as the gate would, in a process of its own: a binary of the wrong kind may end the process that loads it. */
const load = "require(require.resolve('uWebSockets.js', { paths: [process.argv[1]] }))"

/** Whether the gate's fast transport loads; the gate goes on with `ws` where it does not. */
export const webSocketCheck: Check = {
  use: 'play',
  name: 'uWebSockets.js',
  look: async ({ root, nodePath, nodeVersion, nodeAbi, glibcVersion, platform, arch, run }) => {
    const { exitCode, output } = await run(nodePath, ['-e', load, join(root, 'apps/gate')])
    const what = `Node.js ${nodeVersion} (ABI ${nodeAbi}), ${platform}-${arch}${glibcVersion === undefined ? '' : `, glibc ${glibcVersion}`}`
    if (exitCode === 0) return { verdict: 'ok', detail: `its binary loads: ${what}` }
    return {
      verdict: 'hint',
      detail: `its binary does not load, the gate uses the slower ws: ${reasonIn(output)} (${what})`,
      help: [
        platform === 'linux'
          ? 'with Node.js 20 it needs glibc 2.27 or newer, with 22 and 24 glibc 2.38 (Debian 13, Ubuntu 24.04)'
          : 'Node.js 20, 22 or 24 for x64 or arm64 has a binary',
      ],
    }
  },
}

function reasonIn(output: string): string {
  const lines = output.split('\n').map((line) => line.trim())
  const said =
    lines.find((line) => /^(\w*Error\b|Cannot find)/.test(line)) ?? lines.find((line) => line !== '')
  return (said ?? 'it said nothing').slice(0, 200)
}

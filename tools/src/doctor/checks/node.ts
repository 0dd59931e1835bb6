import type { Check } from '../check.ts'

const versionMin = [20, 20] as const

/** Node.js itself. Older ones are refused before anything runs; this names the one that does. */
export const nodeCheck: Check = {
  use: 'play',
  name: 'Node.js',
  look: ({ nodeVersion, platform, arch }) => {
    const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
    const isEnough = major > versionMin[0] || (major === versionMin[0] && minor >= versionMin[1])
    if (isEnough) return { verdict: 'ok', detail: `${nodeVersion} for ${platform}-${arch}` }
    return {
      verdict: 'missing',
      detail: `${nodeVersion} is too old; Hydra needs ${versionMin.join('.')} or newer`,
      help: [
        platform === 'darwin'
          ? 'brew install node@22'
          : platform === 'win32'
            ? 'winget install OpenJS.NodeJS.LTS'
            : 'nvm install 22 (https://github.com/nvm-sh/nvm), or the packages of https://nodejs.org',
      ],
    }
  },
}

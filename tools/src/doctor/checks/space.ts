import type { Check, Finding } from '../check.ts'

const mebibyte = 2 ** 20
const gibibyte = 2 ** 30

/** Room for the database of `npm start`, for logs and builds. */
export const diskCheck: Check = {
  use: 'play',
  name: 'disk',
  look: ({ root, freeBytes }) => spaceIn(root, freeBytes(root), { least: 100 * mebibyte, good: gibibyte }),
}

/** Room for the data of the servers that tests start. */
export const tempCheck: Check = {
  use: 'test',
  name: 'temporary folder',
  look: ({ tempFolder, freeBytes }) =>
    spaceIn(tempFolder, freeBytes(tempFolder), { least: 300 * mebibyte, good: gibibyte }),
}

/** Memory for the servers and services of a small cluster. */
export const memoryCheck: Check = {
  use: 'local cluster',
  name: 'memory',
  look: ({ memoryBytes }) => {
    const detail = `${gibibytes(memoryBytes)} GiB`
    return memoryBytes >= 2 * gibibyte
      ? { verdict: 'ok', detail }
      : {
          verdict: 'hint',
          detail: `${detail}; a service takes 100 to 200 MiB, MariaDB as much`,
          help: ['npx hydra up with one of each service'],
        }
  },
}

/** Each connection of a player is an open file of its gate. */
export const openFilesCheck: Check = {
  use: 'local cluster',
  name: 'open files',
  look: ({ openFilesMax, platform }) => {
    if (openFilesMax === undefined) return { verdict: 'ok', detail: 'no limit is known' }
    const detail = `${openFilesMax} for each process`
    if (openFilesMax >= 4_096) return { verdict: 'ok', detail }
    return {
      verdict: 'hint',
      detail: `${detail}: so many connections a gate can take at most`,
      help: [
        platform === 'darwin'
          ? 'sudo launchctl limit maxfiles 65536 200000, and ulimit -n 65536'
          : 'ulimit -n 65536, or LimitNOFILE= of systemd, or nofile in /etc/security/limits.conf',
      ],
    }
  },
}

function spaceIn(
  folder: string,
  bytes: number | undefined,
  { least, good }: { readonly least: number; readonly good: number },
): Finding {
  if (bytes === undefined) return { verdict: 'missing', detail: `there is no folder ${folder}` }
  const detail = `${gibibytes(bytes)} GiB are free in ${folder}`
  if (bytes >= good) return { verdict: 'ok', detail }
  return { verdict: bytes < least ? 'missing' : 'hint', detail, help: ['make room there'] }
}

const gibibytes = (bytes: number): string => (bytes / gibibyte).toFixed(1)

import { appendFile, open, readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { createStream } from 'rotating-file-stream'
import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { createSparseLog, type SparseLog } from '../sparse-log.ts'
import type { LineFile } from './buffered-lines.ts'

/** What a rotating file needs. */
export interface RotatingFileOptions {
  /** Absolute. */
  readonly directory: string
  /** Of the file that is being written, without its ending `.jsonl`. */
  readonly name: string
  readonly maxFileBytes: number
  /** With the one that is being written. */
  readonly maxFiles: number
  readonly clock: Clock
  readonly log: Logger
}

/** So often it is looked at whether the open file is still the one under its name. */
const lookMs = 5_000

/**
 * A file of lines that is followed by another one when it is full and when its day ends, the oldest being deleted. The
 * former ones are named by the time at which they ended, so that their names sort as they were written.
 */
export class RotatingFile implements LineFile {
  readonly #options: RotatingFileOptions
  readonly #path: string
  readonly #warn: SparseLog
  #stream: Writable | undefined
  /** What the stream has failed with. */
  #failure: unknown
  /** Of the open file, since the last look. */
  #inode: number | undefined
  #lookedAtMs = 0
  /** Files that this process has ended, and when the last one did. */
  #ended = 0
  #endedAtMs = 0
  #pruning: Promise<void> = Promise.resolve()

  constructor(options: RotatingFileOptions) {
    this.#options = options
    this.#path = join(options.directory, `${options.name}.jsonl`)
    this.#warn = createSparseLog(options.log, options.clock)
  }

  async append(text: string): Promise<void> {
    if (this.#stream !== undefined && !(await this.#isInPlace())) await this.#end()
    const stream = (this.#stream ??= await this.#open())
    await new Promise<void>((resolve, reject) => {
      stream.write(text, (error) => {
        if (error === null || error === undefined) return resolve()
        this.#stream = undefined
        reject(this.#failure ?? error)
      })
    })
  }

  async close(): Promise<void> {
    await this.#end()
    await this.#pruning
  }

  async #open(): Promise<Writable> {
    const { directory, name, maxFileBytes, clock } = this.#options
    await mendLastLine(this.#path)
    const stream = createStream((time, index = 1) => (time ? this.#formerName(index) : `${name}.jsonl`), {
      path: directory,
      size: `${maxFileBytes}B`,
      interval: '1d',
      intervalUTC: true,
      // With these two, a file that another process left behind yesterday is not gone on with.
      intervalBoundary: true,
      initialRotation: true,
    })
    this.#failure = undefined
    this.#inode = undefined
    this.#lookedAtMs = clock.monotonicMs()
    stream.on('error', (error) => {
      this.#failure = error
      if (this.#stream === stream) this.#stream = undefined
    })
    stream.on('rotated', () => void this.#ended++)
    stream.on('open', () => {
      this.#inode = undefined
      this.#prune()
    })
    return stream
  }

  async #end(): Promise<void> {
    const stream = this.#stream
    this.#stream = undefined
    if (stream === undefined) return
    await new Promise<void>((resolve) => {
      stream.once('close', resolve)
      stream.end()
    })
  }

  /** What goes on in a file that was deleted or moved away is lost to everybody, and no write tells of it. */
  async #isInPlace(): Promise<boolean> {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#lookedAtMs < lookMs) return true
    this.#lookedAtMs = nowMs
    const inode = await stat(this.#path).then(
      ({ ino }) => ino,
      () => undefined,
    )
    const isInPlace = inode !== undefined && (this.#inode === undefined || this.#inode === inode)
    this.#inode = inode
    return isInPlace
  }

  /** For example `game-events-20261128T010203004Z-000001.jsonl`; the number is that of the `attempt`-th file from here. */
  #formerName(attempt: number): string {
    const { name, clock } = this.#options
    // The clock may be set back, and files may end faster than it counts: the oldest must be the first one all the same.
    this.#endedAtMs = Math.max(this.#endedAtMs, clock.nowMs())
    const time = new Date(this.#endedAtMs).toISOString().replace(/[-:.]/g, '')
    return `${name}-${time}-${String(this.#ended + attempt).padStart(6, '0')}.jsonl`
  }

  #prune(): void {
    this.#pruning = this.#pruning
      .then(() => this.#deleteOldest())
      .catch((err: unknown) => {
        this.#warn({ err, directory: this.#options.directory }, 'old files of the event log were not deleted')
      })
  }

  async #deleteOldest(): Promise<void> {
    const { directory, name, maxFiles } = this.#options
    const files = await readdir(directory)
    const former = files.filter((file) => file.startsWith(`${name}-`) && file.endsWith('.jsonl')).toSorted()
    for (const file of former.slice(0, Math.max(0, former.length - (maxFiles - 1)))) {
      await unlink(join(directory, file))
    }
  }
}

/** A process that died while it wrote has left half a line; the next one must not go on in it. */
async function mendLastLine(path: string): Promise<void> {
  let last = ''
  try {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      if (size > 0) last = String((await file.read(Buffer.alloc(1), 0, 1, size - 1)).buffer)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw error
  }
  if (last !== '' && last !== '\n') await appendFile(path, '\n')
}

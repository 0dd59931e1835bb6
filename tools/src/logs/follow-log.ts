import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from './log-files.ts'

const chunkBytes = 256 * 1_024
/** What has no line break for so long is shown as it is. */
const lineBytesMax = 1_024 * 1_024

/** Reads what is added to a log, in whole lines. */
export class FollowedLog {
  readonly #file: string
  #offset: number
  #rest: Buffer = Buffer.alloc(0)

  private constructor(file: string, offset: number) {
    this.#file = file
    this.#offset = offset
  }

  /** From its end on. */
  static async fromEnd(logsDir: string, name: string): Promise<FollowedLog> {
    const file = join(logsDir, `${name}.log`)
    return new FollowedLog(file, await sizeOf(file))
  }

  /** From its first line on: for one that has appeared meanwhile. */
  static fromStart(logsDir: string, name: string): FollowedLog {
    return new FollowedLog(join(logsDir, `${name}.log`), 0)
  }

  /** The lines that were added since the last call. A log that was begun anew is read from its start. */
  async read(): Promise<readonly string[]> {
    const size = await sizeOf(this.#file)
    if (size < this.#offset) {
      this.#offset = 0
      this.#rest = Buffer.alloc(0)
    }
    if (size === this.#offset) return []
    const handle = await open(this.#file, 'r')
    const texts: string[] = []
    try {
      while (this.#offset < size) {
        const length = Math.min(chunkBytes, size - this.#offset)
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, this.#offset)
        if (bytesRead === 0) break
        this.#offset += bytesRead
        texts.push(...this.#split(buffer.subarray(0, bytesRead)))
      }
    } finally {
      await handle.close()
    }
    return texts
  }

  #split(chunk: Buffer): readonly string[] {
    const bytes = Buffer.concat([this.#rest, chunk])
    const end = bytes.length > lineBytesMax ? bytes.length : bytes.lastIndexOf(0x0a) + 1
    this.#rest = bytes.subarray(end)
    return bytes
      .toString('utf8', 0, end)
      .split('\n')
      .filter((text) => text !== '')
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}

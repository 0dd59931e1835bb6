import { open, type FileHandle } from 'node:fs/promises'
import { HydraError } from '@hydra/protocol'
import type { Clock, Logger, Timer } from '@hydra/runtime'
import type { ChatMetrics } from '../chat-metrics.ts'
import { createWordFilter } from './create-word-filter.ts'
import type { WordFilter } from './word-filter.ts'
import { brokenList, parseWordList, wordListLimits } from './word-list.ts'

/** What {@link ReloadableWords} needs. */
export interface ReloadableWordsOptions {
  /** Seen from where the service is started; empty: nothing is filtered. */
  readonly file: string
  /** How often the file is looked at. */
  readonly reloadMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Pick<ChatMetrics, 'words' | 'wordReloadFailures'>
}

/**
 * The words of a file that may change while the service runs. A change is seen at the next look and takes the place of
 * the former list at once; a list that is broken, or gone, is logged and counted, and the former one stays.
 *
 * @example
 * const words = new ReloadableWords({ file: 'data/words/words.txt', reloadMs: 10_000, clock, log, metrics })
 * await words.start()
 * words.clean('A badword!') // 'A *******!'
 * await words.stop()
 */
export class ReloadableWords implements WordFilter {
  readonly #options: ReloadableWordsOptions
  #filter = createWordFilter([])
  /** Of the file that was read last, whether it could be used or not: each state of it is read, and logged, once. */
  #version = ''
  #looking: Promise<void> | undefined
  #timer: Timer | undefined
  #isStopped = false

  constructor(options: ReloadableWordsOptions) {
    this.#options = options
  }

  /**
   * Reads the list and begins to look for changes.
   *
   * @throws HydraError `CONFIG_INVALID`, naming the file, when it cannot be read, and its line, when it is no list.
   */
  async start(): Promise<void> {
    if (this.#options.file === '') return this.#use([])
    await this.#read()
    this.#schedule()
  }

  /** Ends looking, when the look under way is done. The words stay. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#looking
  }

  clean(text: string): string {
    return this.#filter.clean(text)
  }

  isClean(text: string): boolean {
    return this.#filter.isClean(text)
  }

  /** Looks at the file now, or waits for the look that is under way. Never rejects: what is wrong is logged. */
  look(): Promise<void> {
    return (this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    }))
  }

  async #look(): Promise<void> {
    const { file, log, metrics } = this.#options
    const before = this.#version
    try {
      await this.#read()
    } catch (thrown) {
      const err = HydraError.from(thrown)
      if (this.#version === before) return
      metrics.wordReloadFailures.inc()
      log.error({ err, file, ...err.metadata }, 'the word list cannot be used; the former one stays')
    }
  }

  #schedule(): void {
    if (this.#isStopped) return
    this.#timer = this.#options.clock.after(this.#options.reloadMs, () => {
      void this.look().then(() => this.#schedule())
    })
  }

  async #read(): Promise<void> {
    const { file } = this.#options
    const bytes = await this.#readIfChanged()
    if (bytes === undefined) return
    this.#use(parseWordList(bytes, file))
  }

  #use(words: readonly string[]): void {
    const { file, log, metrics } = this.#options
    this.#filter = createWordFilter(words)
    metrics.words.set(words.length)
    if (file !== '') log.info({ file, words: words.length }, 'the word list is in use')
  }

  /** @throws HydraError `CONFIG_INVALID` when it cannot be read. */
  async #readIfChanged(): Promise<Uint8Array | undefined> {
    const { file } = this.#options
    try {
      const handle = await open(file)
      try {
        return await this.#readVersion(handle)
      } finally {
        await handle.close()
      }
    } catch (cause) {
      if (cause instanceof HydraError) throw cause
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
      this.#version = code
      const reason = code === 'ENOENT' ? 'it does not exist' : `it cannot be read: ${code}`
      throw brokenList(file, `a readable file, but ${reason}`, { cause })
    }
  }

  async #readVersion(handle: FileHandle): Promise<Uint8Array | undefined> {
    const { fileMaxBytes } = wordListLimits
    // Noted before reading: what is written meanwhile makes another version, which the next look reads.
    const { mtimeNs, ino, size } = await handle.stat({ bigint: true })
    const version = `${ino} ${mtimeNs} ${size}`
    if (version === this.#version) return undefined
    this.#version = version
    if (size > fileMaxBytes) throw brokenList(this.#options.file, `at most ${fileMaxBytes} bytes`)
    return handle.readFile()
  }
}

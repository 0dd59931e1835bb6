import { fdatasyncSync, openSync, closeSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHistogram } from 'node:perf_hooks'

const writes = 300
const block = Buffer.alloc(4_096, 1)

/**
 * How long the disk of the servers' folders takes to make 4 KiB at the end of a file durable: what each commit waits
 * for, and what differs most between machines.
 */
export async function fsyncLatency(): Promise<{ readonly p50Ms: number; readonly p99Ms: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'hydra-fsync-'))
  try {
    const latencies = createHistogram()
    const file = openSync(join(folder, 'log'), 'a')
    for (let write = 0; write < writes; write++) {
      const startMs = performance.now()
      writeSync(file, block)
      fdatasyncSync(file)
      latencies.record(Math.max(1, Math.round((performance.now() - startMs) * 1_000)))
    }
    closeSync(file)
    return { p50Ms: latencies.percentile(50) / 1_000, p99Ms: latencies.percentile(99) / 1_000 }
  } finally {
    await rm(folder, { recursive: true })
  }
}

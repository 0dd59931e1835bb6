import { open } from 'node:fs/promises'

const bytesMax = 16_384

/** The end of a file as text, at most 16 KiB; empty when there is none. */
export async function tailOf(file: string): Promise<string> {
  let handle
  try {
    handle = await open(file, 'r')
  } catch {
    return ''
  }
  try {
    const { size } = await handle.stat()
    const length = Math.min(size, bytesMax)
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8')
  } finally {
    await handle.close()
  }
}

import { playDemo } from '../demo/play-demo.ts'

/**
 * The demo's story as players see it, from a process of its own: which authorities Node.js trusts besides those that it
 * comes with (`NODE_EXTRA_CA_CERTS`) is settled when a process starts.
 */
const [httpUrl = ''] = process.argv.slice(2)
const roleSaved = () => Promise.resolve('whoever started this looks into the database')
process.exitCode = (await playDemo({ httpUrl, roleSaved })) ? 0 : 1

import { guardWord } from './guard-word.ts'

// Started by `hydra up`, with the folder of the cluster as its argument; outlives it. The supervisor starts the same
// program once more as its guard.
await (process.argv[3] === guardWord ? import('./guard.ts') : import('./supervise.ts'))

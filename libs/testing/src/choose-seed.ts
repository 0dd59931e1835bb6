/**
 * What generators of tests begin with: the same each time, so that a run can be repeated; `HYDRA_TEST_SEED=random` finds
 * others, and a number repeats what it has printed.
 */
export function chooseSeed(given = process.env['HYDRA_TEST_SEED'] ?? '1'): number {
  if (given !== 'random') return Number(given)
  const seed = Math.trunc(Math.random() * 2 ** 31)
  process.stdout.write(`HYDRA_TEST_SEED=${seed}\n`)
  return seed
}

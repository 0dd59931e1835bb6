import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dirVariable } from '@hydra/testing'

/** A row of `data/tables/scenes.json`; the game server checks it. */
export type SceneTableRow = Readonly<Record<string, unknown>> & { readonly id: string }

/** Design tables in a folder of their own. */
export interface SceneTables {
  /** For `HYDRA_GAME_TABLES_DIRECTORY`. */
  readonly directory: string
  remove(): Promise<void>
}

/** The repository's design tables. */
export const tablesDirectory = fileURLToPath(new URL('../../../data/tables', import.meta.url))

/**
 * The repository's design tables with other scenes; new roles begin in the first of them.
 *
 * @example const { directory, remove } = await writeSceneTables([{ id: 'meadow', … }])
 */
export async function writeSceneTables(scenes: readonly SceneTableRow[]): Promise<SceneTables> {
  const directory = await mkdtemp(join(process.env[dirVariable] ?? tmpdir(), 'tables-'))
  await cp(tablesDirectory, directory, { recursive: true })
  await writeFile(join(directory, 'scenes.json'), JSON.stringify(scenes))
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) }
}

import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { chooseDatabase } from './choose-database.ts'

const defaultConfig = fileURLToPath(new URL('../../../data/conf/gameserver.toml', import.meta.url))
const cluster = { mysqlUrl: 'mysql://hydra@127.0.0.1:23456/hydra' }
const urlOf = (candidates: Partial<Parameters<typeof chooseDatabase>[0]>) => {
  const { config, source } = chooseDatabase({
    config: undefined,
    defaultConfig,
    env: {},
    cluster,
    ...candidates,
  })
  return [config.kind === 'mysql' ? config.url : config.file, source]
}

describe('the database of hydra migrate', () => {
  test('is the one of the running local cluster', () => {
    expect(urlOf({})).toEqual([cluster.mysqlUrl, 'the running local cluster'])
  })

  test('is the one of the configuration where no cluster runs, or the person names it', () => {
    const configured = 'mysql://hydra:hydra@127.0.0.1:3306/hydra'
    expect(urlOf({ cluster: undefined })).toEqual([configured, defaultConfig])
    expect(urlOf({ config: defaultConfig })).toEqual([configured, defaultConfig])
  })

  test('is the one of a variable', () => {
    const env = { HYDRA_STORAGE_MYSQL_URL: 'mysql://there/db' }
    expect(urlOf({ env })).toEqual(['mysql://there/db', 'HYDRA_STORAGE_MYSQL_URL'])
  })

  test('is the one of a file that a variable names', () => {
    const env = { HYDRA_STORAGE_MYSQL_URL_FILE: '/nowhere' }
    expect(() => urlOf({ env })).toThrow('HYDRA_STORAGE_MYSQL_URL_FILE')
  })

  test("has the cluster's certificates", () => {
    const env = { HYDRA_STORAGE_MYSQL_CA_FILE: '/etc/hydra/ca.pem' }
    const { config } = chooseDatabase({ config: undefined, defaultConfig, env, cluster })
    expect(config).toMatchObject({ url: cluster.mysqlUrl, tls: { caFile: '/etc/hydra/ca.pem' } })
  })
})

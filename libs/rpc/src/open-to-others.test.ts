import { expect, test } from 'vitest'
import { clusterConfigSchema } from './cluster-config.ts'
import { openToOthers } from './open-to-others.ts'

const remote = { natsServers: ['nats://nats.internal:4222'], etcdHosts: ['http://etcd.internal:2379'] }
const found = (section: object) => openToOthers(clusterConfigSchema.parse(section)).map(({ key }) => key)

test.each<[object, string[]]>([
  [{}, []],
  [
    { natsServers: ['localhost:4222', 'nats://[::1]:4222', '127.0.0.1'], etcdHosts: ['http://[::1]:2379/'] },
    [],
  ],
  [remote, ['natsUser', 'natsTls', 'etcdUser', 'etcdHosts']],
  [{ ...remote, driver: 'memory' }, []],
  [{ ...remote, natsUser: 'u', natsTls: true, etcdUser: 'u', etcdCaFile: 'c' }, []],
  [{ ...remote, natsToken: 't', natsCaFile: 'c', etcdCertFile: 'c', etcdKeyFile: 'k' }, []],
  [{ natsServers: ['127.0.0.1:4222', '10.0.0.2:4222'], natsUser: 'u' }, ['natsTls']],
  [{ etcdHosts: ['https://a:2379', 'http://b:2379'], etcdUser: 'u' }, ['etcdHosts']],
])('of %j production mode finds %j', (section, keys) => {
  expect(found(section)).toEqual(keys)
})

test.each([
  { natsServers: ['nats://user:password@nats:4222'] },
  { etcdHosts: ['http://user:password@etcd:2379'] },
])('a password in an address is refused, because addresses are logged: %j', (section) => {
  const { error } = clusterConfigSchema.safeParse(section)
  expect(error?.issues).toMatchObject([{ message: expect.stringContaining('expected no user or password') }])
})

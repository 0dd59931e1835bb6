import { readFileSync } from 'node:fs'
import { appendFile, cp } from 'node:fs/promises'
import { get } from 'node:https'
import { once } from 'node:events'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { etcd } from '../servers/etcd.ts'
import { mariadb } from '../servers/mariadb.ts'
import { nats } from '../servers/nats.ts'
import { redis } from '../servers/redis.ts'
import type { ServerDefinition } from '../servers/test-server.ts'
import type { ServerKind } from '../test-env.ts'
import type { CertificateFiles } from './make-certificates.ts'

/** How a server is to be secured. */
export interface Secured {
  /** What it shows, and the authority that its clients' certificates must come from. */
  readonly certificates: CertificateFiles
  /** MySQL: statements that make users, run at each start. */
  readonly sqlFile?: string
  /** Redis: its users. */
  readonly aclFile?: string
  /** NATS: its users and what each may do. */
  readonly configFile?: string
  /** NATS: variables that the file takes values from. */
  readonly variables?: Readonly<Record<string, string>>
}

/** MariaDB that refuses whoever does not speak TLS. */
const securedMariadb = ({ certificates, sqlFile }: Secured): ServerDefinition => ({
  ...mariadb,
  prepare: async (dir, env) => {
    await mariadb.prepare?.(dir, env)
    if (sqlFile !== undefined) await appendFile(join(dir, 'users.sql'), readFileSync(sqlFile, 'utf8'))
  },
  launch: (options) => {
    const { args, ...launch } = mariadb.launch(options)
    const { caFile, certFile, keyFile } = certificates
    const tls = [`--ssl-ca=${caFile}`, `--ssl-cert=${certFile}`, `--ssl-key=${keyFile}`]
    return {
      ...launch,
      args: [...args, ...tls, '--require-secure-transport=ON'],
      url: `mysql://localhost:${options.port}`,
    }
  },
})

/** Redis with TLS only, which asks its clients for certificates. */
const securedRedis = ({ certificates, aclFile }: Secured): ServerDefinition => ({
  ...redis,
  prepare: async (dir) => {
    if (aclFile !== undefined) await cp(aclFile, join(dir, 'users.acl'))
  },
  launch: (options) => {
    const { dir, port } = options
    const { caFile, certFile, keyFile } = certificates
    const { args, ...launch } = redis.launch(options)
    const plain = args.slice(args.indexOf('--bind'))
    const tls = `--tls-cert-file ${certFile} --tls-key-file ${keyFile} --tls-ca-cert-file ${caFile} --tls-auth-clients yes`
    return {
      ...launch,
      args: [
        ...`--port 0 --tls-port ${port} ${tls}`.split(' '),
        ...plain,
        ...(aclFile === undefined ? [] : ['--aclfile', join(dir, 'users.acl')]),
      ],
      url: `rediss://localhost:${port}`,
      // It ends when it cannot have its port; users are not known here, so that TLS is spoken must do.
      checkReady: async () => {
        const socket: TLSSocket = connect({ host: '127.0.0.1', port, ...read(certificates) })
        try {
          await once(socket, 'secureConnect')
        } finally {
          socket.destroy()
        }
      },
    }
  },
})

/** NATS that asks its clients for certificates. */
const securedNats = ({ certificates, configFile, variables }: Secured): ServerDefinition => ({
  ...nats,
  launch: (options) => {
    const { args, ...launch } = nats.launch(options)
    const { caFile, certFile, keyFile } = certificates
    const tls = ['--tlsverify', `--tlscert=${certFile}`, `--tlskey=${keyFile}`, `--tlscacert=${caFile}`]
    const config = configFile === undefined ? [] : ['-c', configFile]
    return { ...launch, args: [...args, ...tls, ...config], env: { ...launch.env, ...variables } }
  },
})

/** etcd that asks its clients for certificates. Users are made by whoever starts it. */
const securedEtcd = ({ certificates }: Secured): ServerDefinition => ({
  ...etcd,
  launch: (options) => {
    const { port } = options
    const { caFile, certFile, keyFile } = certificates
    const { args, ...launch } = etcd.launch(options)
    const url = `https://localhost:${port}`
    const listen = `https://127.0.0.1:${port}`
    return {
      ...launch,
      args: [
        ...args.filter((arg) => !/^--(listen|advertise)-client-urls=/.test(arg)),
        `--listen-client-urls=${listen}`,
        `--advertise-client-urls=${url}`,
        `--cert-file=${certFile}`,
        `--key-file=${keyFile}`,
        `--trusted-ca-file=${caFile}`,
        '--client-cert-auth',
      ],
      url,
      checkReady: async () => {
        const [response] = (await once(get(`${listen}/health`, read(certificates)), 'response')) as [
          AsyncIterable<Buffer>,
        ]
        let body = ''
        for await (const chunk of response) body += chunk.toString()
        if (!body.includes('"true"')) throw new Error(body)
      },
    }
  },
})

/** For asking whether a server is there, whoever its certificate is for. */
const read = ({ caFile, certFile, keyFile }: CertificateFiles) => ({
  checkServerIdentity: () => undefined,
  ca: readFileSync(caFile),
  cert: readFileSync(certFile),
  key: readFileSync(keyFile),
})

/** How each kind of server is run when it is secured. */
export const securedDefinitions: Readonly<Record<ServerKind, (secured: Secured) => ServerDefinition>> = {
  mysql: securedMariadb,
  redis: securedRedis,
  nats: securedNats,
  etcd: securedEtcd,
}

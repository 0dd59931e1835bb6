import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { openDatabaseDrivers, storageConfigSchema } from '@hydra/persistence'
import { services, type Service } from '@hydra/protocol'
import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import {
  dirVariable,
  freePorts,
  startSecuredServers,
  type CertificateFiles,
  type SecuredServers,
  type ServerKind,
} from '@hydra/testing'
import { buildService } from '../build/build-service.ts'
import { startService, type ServiceProcess } from './service-process.ts'

/** A cluster as docs/security.md has it: TLS everywhere, users with few rights, production mode, secrets from files. */
export interface SecuredCluster {
  readonly httpUrl: string
  readonly opsUrls: Readonly<Record<Service, string>>
  readonly opsToken: string
  readonly processes: readonly ServiceProcess[]
  readonly servers: SecuredServers<ServerKind>['servers']
  /** Everything that must not be seen anywhere. */
  readonly secrets: readonly string[]
  readonly passwords: Readonly<Record<Service | 'redis' | 'admin', string>>
  readonly certificates: CertificateFiles
  /** What a service is told, its secrets aside. */
  readonly settings: Readonly<Record<Service, Readonly<Record<string, string>>>>
  remove(): Promise<void>
}

const workspace = fileURLToPath(new URL('../../../', import.meta.url))
const security = join(workspace, 'data/security')
const run = promisify(execFile)
const env = 'prod'

/** Follows docs/security.md: certificates, users of the backends by the files of data/security, tables, services. */
export async function startSecuredCluster(): Promise<SecuredCluster> {
  const folder = await mkdtemp(join(process.env[dirVariable] ?? tmpdir(), 'secured-'))
  const passwords = Object.fromEntries([
    ...['redis', 'admin', 'mysql', 'migrate', 'ops', 'token'].map((name) => [name, secret()]),
    ...(await Promise.all(services.map(async (name) => [name, await natsPassword()]))),
  ]) as Record<Service | 'redis' | 'admin' | 'mysql' | 'migrate' | 'ops' | 'token', string>
  const certificates = await issueCertificates(join(folder, 'certificates'))
  const secured = await startBackends(folder, certificates, passwords)
  const { servers } = secured
  const processes: ServiceProcess[] = []
  const remove = async () => {
    await Promise.all(processes.map((each) => each.end('SIGKILL')))
    await secured.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await makeEtcdUsers(servers.etcd.url, certificates, passwords)
    const mysqlUrl = (user: string, password: string) =>
      `mysql://${user}:${password}@localhost:${servers.mysql.port}/hydra`
    await makeTables(mysqlUrl('hydra_prod_migrate', passwords.migrate), certificates)

    const [httpPort = 0, gatePort = 0, ...opsPorts] = await freePorts(2 + services.length)
    const shared = {
      HYDRA_MODE: 'production',
      HYDRA_LOG_LEVEL: 'debug',
      HYDRA_CLUSTER_ENV: env,
      HYDRA_CLUSTER_HOST: 'localhost',
      HYDRA_CLUSTER_NATS_SERVERS: `localhost:${servers.nats.port}`,
      HYDRA_CLUSTER_ETCD_HOSTS: servers.etcd.url,
      HYDRA_STORAGE_KEY_PREFIX: `hydra:${env}:`,
      HYDRA_STORAGE_MIGRATE: 'false',
      ...pemFiles('HYDRA_CLUSTER_NATS', certificates),
      ...pemFiles('HYDRA_CLUSTER_ETCD', certificates),
      ...pemFiles('HYDRA_STORAGE_MYSQL', certificates),
      ...pemFiles('HYDRA_STORAGE_REDIS', certificates),
      HYDRA_HTTP_HTTP_PORT: String(httpPort),
      HYDRA_HTTP_HTTP_TLS_CERT_FILE: certificates.certFile,
      HYDRA_HTTP_HTTP_TLS_KEY_FILE: certificates.keyFile,
      HYDRA_GATE_GATE_PORT: String(gatePort),
      HYDRA_GATE_GATE_TLS_CERT_FILE: certificates.certFile,
      HYDRA_GATE_GATE_TLS_KEY_FILE: certificates.keyFile,
    }
    const settings = Object.fromEntries<Record<string, string>>(
      services.map((service) => [
        service,
        {
          ...shared,
          HYDRA_CLUSTER_NATS_USER: `hydra-${env}-${service}`,
          HYDRA_CLUSTER_ETCD_USER: `hydra-${env}-${service}`,
          HYDRA_OPS_PORT: String(opsPorts[services.indexOf(service)]),
        },
      ]),
    ) as Record<Service, Record<string, string>>
    await symlink(join(workspace, 'node_modules'), join(folder, 'node_modules'), 'dir')
    for (const service of [...services].sort(backendsFirst)) {
      const secretFiles = await writeSecrets(join(folder, 'secrets', service), {
        HYDRA_CLUSTER_NATS_PASSWORD: passwords[service],
        HYDRA_CLUSTER_ETCD_PASSWORD: passwords[service],
        HYDRA_STORAGE_MYSQL_URL: mysqlUrl('hydra_prod', passwords.mysql),
        HYDRA_STORAGE_REDIS_URL: `rediss://hydra:${passwords.redis}@localhost:${servers.redis.port}/0`,
        HYDRA_OPS_TOKEN: passwords.ops,
        ...(service === 'http' || service === 'gate' ? { HYDRA_TOKEN_SECRETS: passwords.token } : {}),
      })
      const { main } = await buildService({ service, outDir: join(folder, service) })
      const started = startService(service, main, { ...settings[service], ...secretFiles })
      processes.push(started)
      await started.ready
    }
    return {
      httpUrl: `https://localhost:${httpPort}`,
      opsUrls: Object.fromEntries(
        services.map((service, index) => [service, `http://127.0.0.1:${opsPorts[index]}`]),
      ) as Record<Service, string>,
      opsToken: passwords.ops,
      processes,
      servers,
      secrets: Object.values(passwords),
      passwords,
      certificates,
      settings,
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

/** As docs/security.md makes them: nats-server takes what begins with a digit for a number, and some of it for none. */
const natsPassword = async () => (await run('sh', ['-c', 'echo "p$(openssl rand -hex 24)"'])).stdout.trim()

const secret = () => randomBytes(24).toString('hex')

/** Gates come last, so that the first player finds everything. */
const backendsFirst = (a: Service, b: Service): number => Number(a === 'gate') - Number(b === 'gate')

const pemFiles = (prefix: string, { caFile, certFile, keyFile }: CertificateFiles) => ({
  [`${prefix}_CA_FILE`]: caFile,
  [`${prefix}_CERT_FILE`]: certFile,
  [`${prefix}_KEY_FILE`]: keyFile,
})

async function issueCertificates(folder: string): Promise<CertificateFiles> {
  const script = join(security, 'certificates.sh')
  await run(script, ['authority', folder])
  await run(script, ['issue', folder, 'machine', 'DNS:localhost,IP:127.0.0.1'])
  const path = (name: string) => join(folder, name)
  return { caFile: path('ca.pem'), certFile: path('machine.pem'), keyFile: path('machine-key.pem') }
}

async function startBackends(
  folder: string,
  certificates: CertificateFiles,
  passwords: Record<Service | 'redis' | 'admin' | 'mysql' | 'migrate', string>,
): Promise<SecuredServers<ServerKind>> {
  const adapt = async (name: string, change: (text: string) => string): Promise<string> => {
    const file = join(folder, name)
    await writeFile(file, change(await readFile(join(security, name), 'utf8')))
    return file
  }
  return startSecuredServers({
    mysql: {
      certificates,
      sqlFile: await adapt('mysql-users.sql', (text) =>
        text.replaceAll('change-me-too', passwords.migrate).replaceAll('change-me', passwords.mysql),
      ),
    },
    redis: {
      certificates,
      aclFile: await adapt(
        'redis-users.acl',
        (text) =>
          `${text.replaceAll('change-me', passwords.redis)}user admin on >${passwords.admin} ~* &* +@all\n`,
      ),
    },
    nats: {
      certificates,
      configFile: join(security, 'nats.conf'),
      variables: Object.fromEntries(
        services.map((name) => [`HYDRA_NATS_${name.toUpperCase()}_PASSWORD`, passwords[name]]),
      ),
    },
    etcd: { certificates },
  })
}

async function makeEtcdUsers(
  url: string,
  { caFile, certFile, keyFile }: CertificateFiles,
  passwords: Record<Service | 'admin', string>,
): Promise<void> {
  await run(join(security, 'etcd-users.sh'), [env], {
    env: {
      PATH: process.env['PATH'],
      ETCDCTL_ENDPOINTS: url,
      ETCDCTL_CACERT: caFile,
      ETCDCTL_CERT: certFile,
      ETCDCTL_KEY: keyFile,
      ROOT_PASSWORD: passwords.admin,
      ...Object.fromEntries(services.map((name) => [`${name.toUpperCase()}_PASSWORD`, passwords[name]])),
    },
  })
}

async function makeTables(mysqlUrl: string, { caFile, certFile, keyFile }: CertificateFiles): Promise<void> {
  const files = { mysqlCaFile: caFile, mysqlCertFile: certFile, mysqlKeyFile: keyFile }
  const drivers = await openDatabaseDrivers(storageConfigSchema.parse({ mysqlUrl, ...files }), {
    clock: systemClock,
    log: silentLogger,
    metrics: createMetrics({ service: 'e2e' }),
    random: Math.random,
  })
  await drivers.close()
}

/** A file for each, as Docker and Kubernetes have them, and the variables that name them. */
async function writeSecrets(
  folder: string,
  values: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true })
  const variables: Record<string, string> = {}
  for (const [variable, value] of Object.entries(values)) {
    const file = join(folder, variable.toLowerCase())
    await writeFile(file, `${value}\n`, { mode: 0o600 })
    variables[`${variable}_FILE`] = file
  }
  return variables
}

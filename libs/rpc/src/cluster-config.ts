import { hostname } from 'node:os'
import { z } from 'zod'

const address = z.string().min(1)
const file = z.string().min(1)
const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 letters, digits, "-" or "_"')

/**
 * Section `[cluster]` of every service: which cluster it belongs to and how it reaches the other servers.
 *
 * @example z.strictObject({ cluster: clusterConfigSchema.prefault({}) })
 */
export const clusterConfigSchema = z.strictObject({
  /** Clusters of different names share NATS and etcd without ever meeting. */
  env: name.default('dev'),
  /** Where this server stands, for whoever prefers near ones. */
  zone: name.default('local'),
  /** Name or address under which clients and operators reach this machine. */
  host: z.string().min(1).default(hostname()),
  /** `memory`: this process is the whole cluster. */
  driver: z.enum(['nats-etcd', 'memory']).default('nats-etcd'),
  /** NATS servers as `host:port` or `nats://host:port`; any one of a NATS cluster is enough to find the others. */
  natsServers: z.array(address).min(1).default(['127.0.0.1:4222']),
  natsUser: z.string().optional(),
  /** Comes from the environment in production. */
  natsPassword: z.string().optional(),
  /** Instead of user and password. Comes from the environment in production. */
  natsToken: z.string().optional(),
  /** Whether NATS must speak TLS; naming any of the files below says so too. */
  natsTls: z.boolean().default(false),
  /** PEM: the authorities that may have signed the server's certificate; the system's when absent. */
  natsCaFile: file.optional(),
  /** PEM: what this server shows of itself, where NATS asks for certificates. */
  natsCertFile: file.optional(),
  natsKeyFile: file.optional(),
  /** etcd members as `http://host:port` or `https://host:port`. */
  etcdHosts: z.array(address).min(1).default(['http://127.0.0.1:2379']),
  etcdUser: z.string().optional(),
  /** Comes from the environment in production. */
  etcdPassword: z.string().optional(),
  /** PEM, for members at `https://`: as those of NATS. */
  etcdCaFile: file.optional(),
  etcdCertFile: file.optional(),
  etcdKeyFile: file.optional(),
  /** How long a server that has crashed stays in the registry. */
  leaseTtlSeconds: z.int().min(1).max(300).default(5),
  /** How often the whole registry is read again, besides the changes as they come. */
  resyncSeconds: z.int().min(1).max(3_600).default(15),
})

/** Type of {@link clusterConfigSchema}. */
export type ClusterConfig = z.output<typeof clusterConfigSchema>

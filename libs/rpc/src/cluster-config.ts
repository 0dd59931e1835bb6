import { hostname } from 'node:os'
import { password, withProductionRules } from '@hydra/runtime'
import { z } from 'zod'
import { openToOthers } from './open-to-others.ts'

const address = z
  .string()
  .min(1)
  // Addresses are in the log and in /readyz.
  .refine((text) => !text.includes('@'), 'expected no user or password; they have keys of their own')
const file = z.string().min(1)
const name = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 letters, digits, "-" or "_"')

const schema = z
  .strictObject({
    env: name
      .default('dev')
      .describe(
        'Name of the cluster: clusters of different names share NATS and etcd without ever meeting. Letters, digits, "-" and "_".',
      ),
    zone: name
      .default('local')
      .describe(
        'Where this server stands; clients may prefer gates of their zone. Letters, digits, "-" and "_".',
      ),
    host: z
      .string()
      .min(1)
      .default(hostname())
      .meta({ defaultText: "the machine's name", example: 'play1.example.com' })
      .describe('Name or address under which clients and operators reach this machine.'),
    driver: z
      .enum(['nats-etcd', 'memory'])
      .default('nats-etcd')
      .describe('How servers meet. "memory": this process is the whole cluster.'),
    natsServers: z
      .array(address)
      .min(1)
      .default(['127.0.0.1:4222'])
      .describe(
        'NATS servers as `host:port` or `nats://host:port`; one member of a NATS cluster is enough to find the others.',
      ),
    natsUser: z.string().optional().meta({ example: 'hydra' }).describe('User that NATS knows.'),
    natsPassword: password()
      .optional()
      .meta({ example: 'secret' })
      .describe('Password of `natsUser`. From the environment or a file in production.'),
    natsToken: password()
      .optional()
      .meta({ example: 'secret' })
      .describe(
        'Token for NATS, instead of user and password. From the environment or a file in production.',
      ),
    natsTls: z
      .boolean()
      .default(false)
      .describe('Whether NATS must speak TLS; naming one of the PEM files for NATS says so too.'),
    natsCaFile: file
      .optional()
      .meta({ example: '/etc/hydra/ca.pem' })
      .describe(
        "PEM file of the authorities that may have signed NATS' certificate; the system's when absent.",
      ),
    natsCertFile: file
      .optional()
      .meta({ example: '/etc/hydra/server.pem' })
      .describe('PEM file of the certificate that this server shows, where NATS asks for one.'),
    natsKeyFile: file
      .optional()
      .meta({ example: '/etc/hydra/server-key.pem' })
      .describe('PEM file of the key of `natsCertFile`.'),
    etcdHosts: z
      .array(address)
      .min(1)
      .default(['http://127.0.0.1:2379'])
      .describe('Each etcd member, as `http://host:port` or `https://host:port`.'),
    etcdUser: z.string().optional().meta({ example: 'hydra' }).describe('User that etcd knows.'),
    etcdPassword: password()
      .optional()
      .meta({ example: 'secret' })
      .describe('Password of `etcdUser`. From the environment or a file in production.'),
    etcdCaFile: file
      .optional()
      .meta({ example: '/etc/hydra/ca.pem' })
      .describe(
        "PEM file of the authorities that may have signed the certificates of members at `https://`; the system's when absent.",
      ),
    etcdCertFile: file
      .optional()
      .meta({ example: '/etc/hydra/server.pem' })
      .describe('PEM file of the certificate that this server shows, where etcd asks for one.'),
    etcdKeyFile: file
      .optional()
      .meta({ example: '/etc/hydra/server-key.pem' })
      .describe('PEM file of the key of `etcdCertFile`.'),
    leaseTtlSeconds: z
      .int()
      .min(1)
      .max(300)
      .default(5)
      .describe('How long a server that has crashed stays in the registry.'),
    resyncSeconds: z
      .int()
      .min(1)
      .max(3_600)
      .default(15)
      .describe('Time between readings of the whole registry, besides the changes as they come.'),
  })
  .describe('Which cluster the server belongs to, and how it reaches the others.')

/**
 * Section `[cluster]` of every service: which cluster it belongs to and how it reaches the other servers.
 *
 * @example z.strictObject({ cluster: clusterConfigSchema.prefault({}) })
 */
export const clusterConfigSchema = withProductionRules(schema, openToOthers)

/** Type of {@link clusterConfigSchema}. */
export type ClusterConfig = z.output<typeof schema>

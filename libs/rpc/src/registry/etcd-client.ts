import { rootCertificates } from 'node:tls'
import type { TlsMaterial } from '@hydra/runtime'
import { circuitBreaker, ConsecutiveBreaker, ExponentialBackoff, handleWhen } from 'cockatiel'
import { Etcd3, isRecoverableError } from 'etcd3'

/** How to reach etcd. */
export interface EtcdClientOptions {
  /** Members as `http://host:port`. */
  readonly hosts: readonly string[]
  readonly user?: string | undefined
  readonly password?: string | undefined
  /** Certificates in PEM, for members at `https://`. */
  readonly tls?: TlsMaterial | undefined
}

/** Longest time that one request may take: without a deadline, one to a frozen member would never end. */
export const etcdRequestTimeoutMs = 2_000

/** Longest pause between two attempts to reach a member, without the fifth by which it may vary. */
export const etcdReconnectMaxMs = 1_000

/**
 * An etcd client that finds back quickly: with the library's defaults a watch resumes 2 to 10 s after a restart of
 * etcd, with these in a fraction of a second.
 */
export function createEtcdClient({ hosts, user, password, tls }: EtcdClientOptions): Etcd3 {
  return new Etcd3({
    hosts: [...hosts],
    ...(user === undefined ? {} : { auth: { username: user, password: password ?? '' } }),
    ...(tls === undefined ? {} : { credentials: credentialsOf(tls) }),
    defaultCallOptions: ({ isStream }) => (isStream ? {} : { deadline: Date.now() + etcdRequestTimeoutMs }),
    // A watch on a frozen member or a dead route would wait for ever. etcd refuses pings more often than each 5 s.
    grpcOptions: {
      'grpc.keepalive_time_ms': 10_000,
      'grpc.keepalive_timeout_ms': 3_000,
      'grpc.keepalive_permit_without_calls': 1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': etcdReconnectMaxMs,
    },
    faultHandling: {
      watchBackoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 500 }).next(),
      host: () =>
        circuitBreaker(handleWhen(isRecoverableError), {
          halfOpenAfter: 300,
          breaker: new ConsecutiveBreaker(3),
        }),
    },
  })
}

/** In the library's names, which takes no authorities for none and not for those of the system. */
const credentialsOf = ({ ca, cert, key }: TlsMaterial) => ({
  rootCertificate: Buffer.from(ca ?? rootCertificates.join('\n')),
  ...(cert === undefined ? {} : { certChain: Buffer.from(cert) }),
  ...(key === undefined ? {} : { privateKey: Buffer.from(key) }),
})

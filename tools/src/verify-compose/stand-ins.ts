import { fileURLToPath } from 'node:url'

/** An image made from Debian packages, which stands for an official one that this machine may not be able to pull. */
export interface StandIn {
  /** Key of the service in docker-compose.yml, or `node` for what the services are built on. */
  readonly name: string
  /** The variable of docker-compose.yml that names the image, and its default. */
  readonly variable: string
  readonly image: string
  /** Debian packages, and the suite that they come from. */
  readonly packages: readonly string[]
  readonly suite: string
  /** Files of this repository → where they lie in the image. */
  readonly files: Readonly<Record<string, string>>
  /** Instructions of a Dockerfile, as `docker import --change` takes them. */
  readonly changes: readonly string[]
}

/** Which server stands for MySQL: MariaDB of the stable Debian, or MySQL of the unstable one, in a newer version. */
export type DatabaseKind = 'mariadb' | 'mysql'

/** The stable Debian of everything here: its C library is new enough for uWebSockets.js on any Node.js. */
export const stableSuite = 'trixie'

const script = (name: string): string => fileURLToPath(new URL(`stand-ins/${name}`, import.meta.url))
const entrypoint = 'ENTRYPOINT ["docker-entrypoint.sh"]'
const path = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The servers' stand-ins: entry points, users, volumes and commands are those of the official images. */
export function serverStandIns(database: DatabaseKind): readonly StandIn[] {
  const mysql =
    database === 'mysql'
      ? { packages: ['mysql-server'], suite: 'sid' }
      : { packages: ['mariadb-server'], suite: stableSuite }
  return [
    {
      name: 'mysql',
      variable: 'MYSQL_IMAGE',
      image: 'mysql:8.4',
      ...mysql,
      files: { [script('mysql.sh')]: '/usr/local/bin/docker-entrypoint.sh' },
      changes: [path, entrypoint, 'CMD ["mysqld"]', 'VOLUME /var/lib/mysql', 'EXPOSE 3306'],
    },
    {
      name: 'redis',
      variable: 'REDIS_IMAGE',
      image: 'redis:8-alpine',
      packages: ['redis-server'],
      suite: stableSuite,
      files: { [script('redis.sh')]: '/usr/local/bin/docker-entrypoint.sh' },
      changes: [path, entrypoint, 'CMD ["redis-server"]', 'VOLUME /data', 'WORKDIR /data', 'EXPOSE 6379'],
    },
    {
      name: 'nats',
      variable: 'NATS_IMAGE',
      image: 'nats:2.10-alpine',
      packages: ['nats-server', 'wget'],
      suite: stableSuite,
      files: {},
      changes: [path, 'CMD ["nats-server"]', 'EXPOSE 4222 6222 8222'],
    },
    {
      name: 'etcd',
      variable: 'ETCD_IMAGE',
      image: 'quay.io/coreos/etcd:v3.5.21',
      packages: ['etcd-server', 'etcd-client'],
      suite: stableSuite,
      files: {},
      changes: [path, 'CMD ["etcd"]', 'EXPOSE 2379 2380'],
    },
    {
      name: 'edge',
      variable: 'EDGE_IMAGE',
      image: 'haproxy:3.0-alpine',
      packages: ['haproxy', 'wget'],
      suite: stableSuite,
      files: { [script('haproxy.sh')]: '/usr/local/bin/docker-entrypoint.sh' },
      changes: [
        path,
        'USER haproxy',
        'WORKDIR /var/lib/haproxy',
        entrypoint,
        'CMD ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]',
      ],
    },
  ]
}

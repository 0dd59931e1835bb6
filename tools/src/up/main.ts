import { commonExitCodes, runCommand } from '../cluster/run-command.ts'

const usage = `npx hydra up [options]: a local cluster of separate processes on real servers

  --gate <n> --game <n> --chat <n> --http <n>
                      how many of each; those that are not named stay as they are, at first one of each
  --mysql-url <url>   servers that run elsewhere, each by itself; HYDRA_STORAGE_MYSQL_URL, HYDRA_STORAGE_REDIS_URL,
  --redis-url <url>   HYDRA_CLUSTER_NATS_SERVERS and HYDRA_CLUSTER_ETCD_HOSTS say it too. The others are private
  --nats-url <url>    instances of what is installed (mariadbd, redis-server, nats-server, etcd), with their data in
  --etcd-url <url>    the cluster's folder; for root on Debian or Ubuntu what is missing is installed first
  --dir <folder>      the cluster's folder (default: .hydra/cluster); each has a cluster of its own
  --timeout <s>       how long a service may take until it is ready (default: 60)
  --help

While a cluster runs, the same command starts what has died, starts more, or drains surplus ones. Services are built
from the sources as they are. Their settings: data/conf/*.toml and HYDRA_… variables, as everywhere; a variable for one
service alone (HYDRA_GAME_STORAGE_MYSQL_URL) is refused where the cluster has one value for all. Ports are the configured
ones and those after them where they are free, else any: http comes to 9001, gates to 3250, 3251, …; for operations the
first gate to 9101, game to 9102, chat to 9103 and http to 9104, as configured, and all further ones to 9105, 9106, …

Certificates in [gate] and [http] make them speak TLS; other commands trust a private authority with NODE_EXTRA_CA_CERTS.
Servers that must speak TLS have to be named, and MySQL's url with a database that is there.

Exit codes:
      0 everything is ready
      1 something did not start, or did not stop; its log is shown, and nothing is left of a first start
${commonExitCodes}
     69 a server or package is missing, or a given server cannot be reached
     70 a defect of this command
     78 the configuration of a service is wrong
`

// What it takes is loaded when it is needed: help is there at once.
await runCommand(
  usage,
  {
    options: {
      gate: { type: 'string' },
      game: { type: 'string' },
      chat: { type: 'string' },
      http: { type: 'string' },
      'mysql-url': { type: 'string' },
      'redis-url': { type: 'string' },
      'nats-url': { type: 'string' },
      'etcd-url': { type: 'string' },
      dir: { type: 'string' },
      timeout: { type: 'string', default: '60' },
    },
  },
  async ({ values }) =>
    (await import('./raise-cluster.ts')).raiseCluster({
      options: values,
      env: process.env,
      root: process.cwd(),
      print: console.log,
    }),
)

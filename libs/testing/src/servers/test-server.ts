import type { ServerKind } from '../test-env.ts'

/** A private server of a test, all of whose data is gone when its set is closed; or one that is kept. */
export interface TestServer {
  readonly kind: ServerKind
  /** What a client library connects to, for example `redis://127.0.0.1:23456`. Stays the same over restarts. */
  readonly url: string
  readonly host: string
  readonly port: number
  /** All ports that it listens on, {@link port} first. */
  readonly ports: readonly number[]
  /** Process id while it runs. */
  readonly pid: number | undefined
  /** From the first preparation of data until it answered, in ms. */
  readonly startedInMs: number
  /** End of its log, at most 4,000 characters. */
  log(): string
  /** Ends it in an orderly way (SIGTERM, after 10 s SIGKILL) and waits until it is gone. Its data stay for a restart. */
  stop(): Promise<void>
  /** Ends it as a crash would (SIGKILL) and waits until it is gone. Its data stay for a restart. */
  kill(): Promise<void>
  /**
   * Starts it again on the same port and data; stops it first if it runs.
   *
   * @throws TestServerError `START_FAILED`
   */
  restart(): Promise<void>
  /**
   * Freezes it (SIGSTOP): connections stay open and nothing answers, like a partition or an overloaded machine.
   *
   * @throws TestServerError `STATE_WRONG` when it does not run
   */
  pause(): Promise<void>
  /** Lets a frozen server go on. */
  resume(): void
}

/** How a server's process has ended. */
export interface ServerExit {
  readonly pid: number
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Where servers run, and who ends them if their starter cannot: a `Reaper`, or who keeps them. */
export interface ServerOwner {
  /** Each server has a folder in it. */
  readonly dir: string
  /** For the servers' processes. */
  readonly env: Readonly<Record<string, string>>
  /** Told of each process that is started, */
  watch(pid: number): void
  /** and that it has ended. */
  forget(pid: number): void
}

/** How to run one server, settled once its ports are known. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly url: string
  /** Fulfils once this very process answers on its port; rejects while it does not. */
  checkReady(pid: number): Promise<void>
}

/** What distinguishes one kind of server from the others. */
export interface ServerDefinition {
  readonly kind: ServerKind
  /** How many ports it listens on; the first one is the clients'. */
  readonly ports: number
  /** Puts initial data into the folder; `env` is for the processes that it starts. */
  prepare?(dir: string, env: NodeJS.ProcessEnv): Promise<void>
  launch(options: LaunchOptions): Launch
}

/** What {@link ServerDefinition.launch} may build on. */
export interface LaunchOptions {
  /** Existing folder for data and log. */
  readonly dir: string
  readonly port: number
  /** The further ports, if {@link ServerDefinition.ports} asks for more than one. */
  readonly otherPorts: readonly number[]
  /** Whether every acknowledged write survives a SIGKILL of the server. */
  readonly durable: boolean
  /** See `StartServersOptions`. */
  readonly appendFsync: AppendFsync
  /** See `StartServersOptions`. */
  readonly productionSizes: boolean
}

/** When a durable Redis syncs its append-only file: before each answer, once a second, or when the kernel likes to. */
export type AppendFsync = 'always' | 'everysec' | 'no'

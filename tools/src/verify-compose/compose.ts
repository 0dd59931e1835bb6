import { delay, systemClock } from '@hydra/runtime'
import { shell } from './shell.ts'

/** What is told of a container. */
export interface ContainerState {
  readonly id: string
  readonly name: string
  readonly health: string
  readonly exitCode: number
  readonly restarts: number
}

/** Which stack to steer. */
export interface ComposeOptions {
  /** `docker-compose`, or `docker compose`. */
  readonly command: readonly string[]
  readonly file: string
  readonly envFile: string
  readonly project: string
  /** Names the engine. */
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

/** One stack, steered with the commands that a person would type. */
export class Compose {
  readonly #options: ComposeOptions
  readonly #prefix: readonly string[]

  constructor(options: ComposeOptions) {
    const { command, file, envFile, project } = options
    this.#options = options
    this.#prefix = [...command, '--file', file, '--env-file', envFile, '--project-name', project]
  }

  /** @throws Error when the command fails. */
  run(...args: readonly string[]): Promise<string> {
    return shell([...this.#prefix, ...args], this.#options)
  }

  docker(...args: readonly string[]): Promise<string> {
    return shell(['docker', ...args], this.#options)
  }

  /** Containers of one service, or of all, stopped ones among them. */
  async containers(service?: string): Promise<readonly ContainerState[]> {
    const { project } = this.#options
    const filters = ['--filter', `label=com.docker.compose.project=${project}`]
    if (service !== undefined) filters.push('--filter', `label=com.docker.compose.service=${service}`)
    const ids = (await this.docker('ps', '--all', '--quiet', ...filters)).split('\n').filter(Boolean)
    if (ids.length === 0) return []
    const health = '{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}'
    const format = `{{.Id}} {{slice .Name 1}} ${health} {{.State.ExitCode}} {{.RestartCount}}`
    const lines = (await this.docker('inspect', '--format', format, ...ids)).split('\n')
    return lines.map((line) => {
      const [id = '', name = '', status = '', exitCode, restarts] = line.split(' ')
      return { id, name, health: status, exitCode: Number(exitCode), restarts: Number(restarts) }
    })
  }

  /** Waits until every container is healthy. @throws Error naming those that are not after 180 s. */
  async untilHealthy(): Promise<readonly ContainerState[]> {
    for (let attempt = 0; ; attempt++) {
      const containers = await this.containers()
      const ill = containers.filter(({ health }) => health !== 'healthy')
      if (ill.length === 0 && containers.length > 0) return containers
      if (attempt === 180) {
        const states = ill.map(({ name, health }) => `${name} is ${health}`).join(', ')
        throw new Error(`Not healthy after 180 s: ${states}`)
      }
      await delay(systemClock, 1_000)
    }
  }

  /** The last lines of every container that is not healthy, for whoever has to find out why. */
  async complaints(): Promise<string> {
    const ill = (await this.containers()).filter(({ health }) => health !== 'healthy')
    const told = ill.map(async ({ id, name, health }) => {
      const log = await this.docker('logs', '--tail', '12', id)
      return `${name} is ${health}:\n${log}`
    })
    return (await Promise.all(told)).join('\n')
  }

  /** Runs JavaScript in a container of a service, as its user, and answers what it printed. */
  node(container: string, code: string): Promise<string> {
    return this.docker('exec', container, 'node', '--input-type=module', '--eval', code)
  }
}

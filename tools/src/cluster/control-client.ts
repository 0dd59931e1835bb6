import { exitCode } from '@hydra/runtime'
import { ClusterError } from './cluster-error.ts'
import { parseState, type ClusterState } from './cluster-state.ts'
import { replySchema, type RestartRequest, type UpRequest } from './messages.ts'

/** How to reach a supervisor. */
type Control = Pick<ClusterState['supervisor'], 'url' | 'token'>

const stateTimeoutMs = 3_000

/** A command that the supervisor could not carry out. */
export class CommandFailed extends ClusterError {
  /** Whose log tells more. */
  readonly processName: string | undefined

  constructor(message: string, code: number, processName: string | undefined) {
    super(message, code)
    this.processName = processName
  }
}

/**
 * Asks the supervisor for the state as it is this moment.
 *
 * @throws ClusterError when it does not answer
 */
export async function askState(
  { url, token, pid }: ClusterState['supervisor'],
  timeoutMs = stateTimeoutMs,
): Promise<ClusterState> {
  let text: string
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(`${url}/state`, { headers: authorization(token), signal })
    if (!response.ok) throw new Error(`the answer was ${response.status}`)
    text = await response.text()
  } catch (cause) {
    const sentence = `The supervisor of the cluster (process ${pid}) does not answer.`
    throw new ClusterError(
      `${sentence} To end it with all that it runs: npx hydra down (with the same --dir)`,
      undefined,
      {
        cause,
      },
    )
  }
  return parseState(text, url)
}

/** The commands and what goes with them. */
interface Commands {
  up: UpRequest
  restart: RestartRequest
  stop: object
}

/**
 * Has the supervisor carry out a command, and tells what it says meanwhile.
 *
 * @throws CommandFailed with the supervisor's reason; ClusterError when it is gone before the end
 */
export async function command<C extends keyof Commands>(
  { url, token }: Control,
  name: C,
  body: Commands[C],
  say: (text: string) => void,
): Promise<void> {
  let response: Response
  try {
    response = await fetch(`${url}/${name}`, {
      method: 'POST',
      headers: { ...authorization(token), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  } catch (cause) {
    throw new ClusterError('The supervisor of the cluster does not answer.', exitCode.stopFailed, { cause })
  }
  if (!response.ok || response.body === null) {
    throw new ClusterError(`The supervisor answered ${response.status}: ${await response.text()}`)
  }
  for await (const line of linesOf(response.body)) {
    const reply = replySchema.parse(JSON.parse(line))
    if ('done' in reply) return
    if ('say' in reply) say(reply.say)
    else throw new CommandFailed(reply.failed.message, reply.failed.exitCode, reply.failed.name)
  }
  throw new ClusterError('The supervisor of the cluster ended before it was done.')
}

const authorization = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for await (const chunk of body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines.filter((line) => line !== '')
    }
  } catch (cause) {
    throw new ClusterError('The supervisor of the cluster is gone.', exitCode.stopFailed, { cause })
  }
}

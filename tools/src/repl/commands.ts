/** What can be typed besides routes; each may have a dot before it. */
export const commandHelp = {
  help: {
    usage: 'help [name]',
    text: 'what there is; or all about a route, a feature such as game.role, a push, an error code, a command',
  },
  watch: {
    usage: 'watch [on | all | off | name …]',
    text: 'which pushes are shown: "on" (the default) leaves out what a scene sends ten times a second, "all" does not; names show pushes that begin with one of them',
  },
  wait: {
    usage: 'wait <push> [seconds]',
    text: 'waits for a push whose name begins so, among those since the last wait or to come, 10 seconds unless said otherwise; for scripts',
  },
  state: { usage: 'state', text: 'the connection, the account and the role' },
  connect: {
    usage: 'connect [gate url]',
    text: 'connects to a gate without logging in: the one named, else one that http lists',
  },
  disconnect: { usage: 'disconnect', text: 'closes the connection without a logout, as a lost network does' },
  reconnect: {
    usage: 'reconnect',
    text: 'connects and logs in again, and goes on where the session was lost if the gate still has it',
  },
  exit: { usage: 'exit', text: 'ends; also Ctrl-D' },
} as const satisfies Record<string, { usage: string; text: string }>

/** A name of {@link commandHelp}. */
export type CommandName = keyof typeof commandHelp

/** All names of commands. */
export const commandNames = Object.keys(commandHelp) as readonly CommandName[]

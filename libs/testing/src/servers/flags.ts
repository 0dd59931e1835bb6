/** Long options by name; `true` stands for one without a value. */
export type Flags = Readonly<Record<string, string | number | true>>

/**
 * The command line of long options.
 *
 * @example toFlags({ port: 3306, 'skip-log-bin': true }) // ['--port=3306', '--skip-log-bin']
 */
export const toFlags = (flags: Flags): readonly string[] =>
  Object.entries(flags).map(([name, value]) => (value === true ? `--${name}` : `--${name}=${value}`))

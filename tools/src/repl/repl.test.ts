import { eventually, uniqueName } from '@hydra/testing'
import { describe, expect, it } from 'vitest'
import { runHydra, startHydra } from '../bots/run-hydra.fixture.ts'
import { useEmbeddedHydra } from '../e2e/embedded.fixture.ts'

const embedded = useEmbeddedHydra({ HYDRA_HTTP_PASSWORD_COST_LOG2: '10' })
const newName = () => `p${uniqueName('x').slice(-7)}`
const play = (...lines: readonly string[]) =>
  runHydra(['repl', '--http', embedded.hydra.httpUrl], { input: lines.join('\n') })

describe('hydra repl with lines that are piped in', () => {
  it('registers, plays a role, sees pushes, is cut off and goes on', async () => {
    const name = newName()
    const { code, stdout, stderr } = await play(
      '# the story of one player',
      `register ${name} "a good password"`,
      `role create ${name}`,
      'role enter $role.rid',
      'channel send world hello there',
      'wait chat.channel.message 5',
      'scene enter',
      'settings set changes.volume=3',
      'bag get',
      'daily claim',
      'daily claim $lastOperation+1',
      'disconnect',
      'reconnect',
      'role.ping',
      'state',
      'game.role.rename {',
      '  "name": "x',
      '}',
    )
    expect(stdout).not.toContain('a good password')
    expect(stdout).toContain(`hydra> register ${name}\n`)
    expect(stdout).toMatch(/<- chat\.channel\.message \{[^}]*\}[^}]*text: 'hello there'/)
    expect(stdout).toContain('BAD_REQUEST: game.daily.claim: "operation" is wrong')
    expect(stdout).toContain('help game.daily.claim says what it takes')
    expect(stdout).toContain('isClaimed: true')
    expect(stdout).toContain('-- the connection is closed: CLIENT_CLOSED')
    expect(stdout).toContain(`${name} (disconnected)> reconnect\n{ resumed: true }`)
    expect(stdout).toContain(`${name}/${name}> role.ping\n{ serverTimeMs:`)
    expect(stdout).toContain(`connected to ${embedded.hydra.gateUrl}`)
    expect(stdout).toContain('The script ends inside of a quote or a bracket.')
    expect(stderr).toContain('2 of 15 lines failed.')
    expect(code).toBe(1)
    const account = await embedded.hydra.storage.accounts.findByUsername(name)
    const [role] = await embedded.hydra.storage.roles.listByUid(account?.uid ?? '')
    expect(role?.name).toBe(name)
  })

  it('says with each refusal what to do', async () => {
    const name = newName()
    const { stdout } = await play(
      'game.role.list',
      'role get',
      `login ${name} "no such account"`,
      `register ${name} "a good password"`,
      `register ${name} "a good password"`,
      'role get',
      'reconnect',
      'scene enter here',
    )
    expect(stdout).toMatch(/NOT_LOGGED_IN: .*\n {2}log in first: login <username> <password>/)
    expect(stdout).toMatch(/CREDENTIALS_WRONG: .*\n {2}try again, or make the account/)
    expect(stdout).toMatch(/USERNAME_TAKEN: .*\n(.*\n)? {2}if it is yours: login/)
    expect(stdout).toMatch(/ROLE_NOT_ENTERED: .*\n {2}enter a role first: role list/)
    expect(stdout).toMatch(/BAD_REQUEST: .*open/)
    expect(stdout).toContain('"here" is one argument too many for game.scene.enter; it takes none.')
  })

  it('ends with 0 when every line has succeeded, and at "exit"', async () => {
    const { code, stdout } = await play('help', 'help chat.channel.send', 'serverList gate', 'exit', 'fly')
    expect(stdout).toContain('chat.channel.send: ')
    expect(stdout).toMatch(/needs a login and a role/)
    expect(stdout).toMatch(/ {2}channel {2,}string, at most 80 characters/)
    expect(stdout).toMatch(/ {2}CHAT_NOT_JOINED {2,}\S/)
    expect(stdout).toContain('write: chat.channel.send channel=… text=… [messageId=…]')
    expect(stdout).toMatch(/servers: \[/)
    expect(stdout).not.toContain('fly')
    expect(code).toBe(0)
  })

  it('shows the pushes that are watched', async () => {
    const name = newName()
    const { code, stdout } = await play(
      `register ${name} "a good password"`,
      `role create ${name}`,
      'role enter $role.rid',
      'watch off',
      'channel send world one',
      'wait chat.channel.message',
      'watch game.scene.view',
      'scene enter',
      'wait game.scene.view 5',
      'channel send world two',
      'watch nonsense',
      'wait game.role.rewarded 0.1',
    )
    const pushed = [...stdout.matchAll(/^<- (\S+)/gm)].map(([, push]) => push)
    // Waiting shows what is not watched.
    expect(pushed[0]).toBe('chat.channel.message')
    expect(new Set(pushed.slice(1))).toEqual(new Set(['game.scene.view']))
    expect(stdout).toContain('No push begins with "nonsense"')
    expect(stdout).toContain('No push game.role.rewarded has come within 0.1 s.')
    expect(code).toBe(1)
  })
})

describe('hydra repl', () => {
  it('explains itself', async () => {
    const { code, stdout } = await runHydra(['repl', '--help'])
    expect(stdout).toContain('usage: npx hydra repl')
    expect(stdout).toContain('Exit codes:')
    expect(code).toBe(0)
  })

  it('refuses to begin where it is called in a wrong way, or nothing answers', async () => {
    const [option, address, nothing] = await Promise.all([
      runHydra(['repl', '--nothing']),
      runHydra(['repl', '--http', 'here']),
      runHydra(['repl', '--http', 'http://127.0.0.1:1']),
    ])
    expect([option.code, address.code, nothing.code]).toEqual([2, 2, 69])
    expect(nothing.stderr).toContain('Nothing answers at http://127.0.0.1:1')
  })

  it('tells of being kicked, at once', async () => {
    const name = newName()
    const command = startHydra(['repl', '--http', embedded.hydra.httpUrl], {
      input: `register ${name} "a good password"\nwait game.team.invited 30\n`,
    })
    await eventually(() => command.stdout().includes('wait game'), { timeoutMs: 20_000 })
    // The same account from elsewhere.
    await play(`login ${name} "a good password"`)
    await eventually(() => command.stdout().includes('-- the connection is closed: DUPLICATE_LOGIN (kicked)'))
    command.process.kill()
    await command.ended
  })
})

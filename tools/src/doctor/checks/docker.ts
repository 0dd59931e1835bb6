import type { Check } from '../check.ts'
import type { DoctorMachine } from '../doctor-machine.ts'

/** Docker, for those who want images. Nothing else needs it. */
export const dockerCheck: Check = {
  use: 'images',
  name: 'Docker',
  look: async (machine) => {
    const path = machine.find('docker')
    if (path === undefined) return { verdict: 'hint', detail: 'not found', help: howToGetDocker(machine) }
    const { exitCode, output } = await machine.run(path, ['version', '--format', '{{.Server.Version}}'])
    if (exitCode === 0) return { verdict: 'ok', detail: `${output.trim()}, ${path}` }
    return {
      verdict: 'hint',
      detail: `${path} is there, its engine does not answer: ${lastLine(output)}`,
      help: [
        machine.platform === 'linux'
          ? 'sudo systemctl start docker, and be in the group docker: sudo usermod -aG docker $USER'
          : 'start Docker Desktop',
      ],
    }
  },
}

/** Compose, as a plugin of docker or as the older program. */
export const composeCheck: Check = {
  use: 'images',
  name: 'Compose',
  look: async (machine) => {
    const { find, run } = machine
    const [docker, older] = [find('docker'), find('docker-compose')]
    if (docker !== undefined) {
      const { exitCode, output } = await run(docker, ['compose', 'version', '--short'])
      if (exitCode === 0) return { verdict: 'ok', detail: `${output.trim()}, docker compose` }
    }
    if (older !== undefined) {
      const { exitCode, output } = await run(older, ['version', '--short'])
      if (exitCode === 0) return { verdict: 'ok', detail: `${lastLine(output)}, ${older}` }
    }
    return { verdict: 'hint', detail: 'not found', help: howToGetDocker(machine) }
  },
}

function howToGetDocker({ platform }: Pick<DoctorMachine, 'platform'>): readonly string[] {
  if (platform === 'darwin') return ['brew install --cask docker']
  if (platform === 'win32') return ['winget install Docker.DockerDesktop, with WSL 2 as its engine']
  return ['sudo apt-get install docker.io docker-compose, or as https://docs.docker.com/engine/install says']
}

const lastLine = (output: string): string => output.trim().split('\n').at(-1)?.slice(0, 200) ?? ''

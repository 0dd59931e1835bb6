// HEALTHCHECK of the images, as /app/health-check.mjs: exits 0 when this container's service says that it is ready.
// HYDRA_HEALTH_URL is where it says so; the Dockerfile sets it to the default port of each service.
import { env } from 'node:process'

const url = env['HYDRA_HEALTH_URL'] ?? ''
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_500) })
  // Docker keeps what a check prints: `docker inspect` then says which backend is missing.
  console.log(`${response.status} ${await response.text()}`)
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  console.log(
    `HYDRA_HEALTH_URL (${url}) does not answer: ${error instanceof Error ? error.message : String(error)}`,
  )
  process.exitCode = 1
}

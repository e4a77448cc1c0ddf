// One large transfer by curl, which neither keeps nor looks at what comes.
import { execa } from 'execa'

type Transfer = Readonly<{ url: string; bytes: number; upload?: string; signal: AbortSignal }>

/** Seconds that the transfer took, headers included. @throws when status or length are not as they must be */
export async function transferSeconds({ url, bytes, upload, signal }: Transfer): Promise<number> {
  const args = ['--silent', '--show-error', '--fail', '--max-time', '120', '--http1.1']
  args.push('--write-out', '%{stderr}%{time_total} %{size_download} %{size_upload}')
  // Without a body to be announced first: what is measured is its way, not a round trip.
  if (upload !== undefined) args.push('--request', 'POST', '--upload-file', upload, '--header', 'Expect:')
  const output = upload === undefined ? ['--output', '/dev/null'] : []
  const { stdout, stderr } = await execa('curl', [...args, ...output, url], { cancelSignal: signal })
  const [seconds, downloaded, uploaded] = stderr.split(' ').map(Number)
  const isWhole = upload === undefined ? downloaded === bytes : uploaded === bytes && stdout.trim() === String(bytes)
  if (seconds === undefined || !isWhole) throw new Error(`${url}: not all of ${bytes} bytes: ${stderr} ${stdout}`)
  return seconds
}

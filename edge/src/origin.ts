/**
 * The way to the Python service: a service binding, or an address.
 *
 * Law: knows whether the origin was there at the last contact, so that a request which changes something
 * is not sent into the dark: while it is away, callers hear that nothing was accepted, and it is true.
 */

const PROBE_DEADLINE_MS = 2000;
const READINESS_MS = 2000;

export class Origin {
  /** Whether the last contact was with the origin. */
  reachable = false;
  private readonly base: string;
  private readonly service: Fetcher | null;
  private readonly access: Readonly<Record<string, string>>;
  private readiness = { ready: false, until: 0 };

  /** `access` are headers for whoever guards the origin's address (a Cloudflare Access service token). */
  constructor(base: string, service: Fetcher | null, access: Readonly<Record<string, string>> = {}) {
    this.base = base;
    this.service = service;
    this.access = access;
  }

  /** Never follows a redirect: a signed request goes where it was meant to go, or nowhere. */
  fetch(path: string, init: RequestInit): Promise<Response> {
    const url = this.base + path;
    const headers = new Headers(init.headers);
    for (const [name, value] of Object.entries(this.access)) headers.set(name, value);
    const manual: RequestInit = { ...init, headers, redirect: "manual" };
    return this.service === null ? fetch(url, manual) : this.service.fetch(url, manual);
  }

  /** Whether the origin is there; asks when it was not at the last contact. */
  async alive(): Promise<boolean> {
    if (!this.reachable) this.reachable = await this.asks("/livez");
    return this.reachable;
  }

  /** Whether the origin says that it can work; asked at most every two seconds. */
  async ready(now: number): Promise<boolean> {
    if (now < this.readiness.until) return this.readiness.ready;
    this.readiness = { ...this.readiness, until: now + READINESS_MS }; // those who come meanwhile hear the last answer
    this.readiness = { ready: await this.asks("/readyz"), until: now + READINESS_MS };
    return this.readiness.ready;
  }

  private async asks(path: string): Promise<boolean> {
    try {
      const response = await this.fetch(path, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }
}

/** How long things may take. */

/** What was being read; `"cut"` when whoever sends it broke off, `"late"` when it took too long. */
export async function inTime<T>(reading: Promise<T>, milliseconds: number): Promise<T | "cut" | "late"> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), milliseconds);
  });
  try {
    return await Promise.race([reading.catch(() => "cut" as const), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A time after which waiting ends, which may be set anew. */
export class Deadline {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout>;

  constructor(milliseconds: number) {
    this.timer = this.after(milliseconds);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  restart(milliseconds: number): void {
    this.end();
    this.timer = this.after(milliseconds);
  }

  now(): void {
    this.controller.abort();
  }

  end(): void {
    clearTimeout(this.timer);
  }

  private after(milliseconds: number): ReturnType<typeof setTimeout> {
    return setTimeout(() => this.controller.abort(), milliseconds);
  }
}

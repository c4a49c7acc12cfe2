/** Made by scripts/validators.mjs from src/generated/shapes/. */
declare module "virtual:shapes" {
  export interface Schema {
    readonly type?: string | readonly string[];
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly items?: Schema;
    readonly default?: string | number | boolean;
    readonly enum?: readonly (string | null)[];
    readonly examples?: readonly (string | number)[];
    readonly format?: string;
    readonly minimum?: number;
    readonly maximum?: number;
    readonly minItems?: number;
    readonly maxItems?: number;
    readonly minLength?: number;
    readonly maxLength?: number;
  }
  /** What ajv says of one broken keyword. */
  export interface Broken {
    readonly keyword: string;
    readonly instancePath: string;
    readonly params: { readonly missingProperty?: string; readonly additionalProperty?: string };
  }
  export const shapes: Readonly<Record<import("./routes.ts").Shape, {
    readonly schema: Schema;
    readonly validate: {
      (data: unknown): boolean;
      readonly errors?: readonly Broken[] | null;
    };
  }>>;
}

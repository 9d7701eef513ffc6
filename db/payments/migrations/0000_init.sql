CREATE TABLE "charges" (
	"id" text PRIMARY KEY NOT NULL,
	"payment_intent" text NOT NULL,
	"created" bigint NOT NULL,
	"status" text NOT NULL,
	"amount" integer NOT NULL,
	"amount_captured" integer NOT NULL,
	"amount_refunded" integer NOT NULL,
	"currency" text NOT NULL,
	"released" boolean NOT NULL,
	"payment_method" text NOT NULL,
	"failure" jsonb,
	"metadata" jsonb NOT NULL,
	CONSTRAINT "charges_status_known" CHECK ("charges"."status" in ('succeeded', 'failed')),
	CONSTRAINT "charges_amount_positive" CHECK ("charges"."amount" > 0),
	CONSTRAINT "charges_captured_within" CHECK ("charges"."amount_captured" between 0 and "charges"."amount"),
	CONSTRAINT "charges_refunded_within" CHECK ("charges"."amount_refunded" between 0 and "charges"."amount_captured"),
	CONSTRAINT "charges_only_success_is_captured" CHECK ("charges"."amount_captured" = 0 or ("charges"."status" = 'succeeded' and not "charges"."released")),
	CONSTRAINT "charges_failure_has_reason" CHECK (("charges"."status" = 'failed') = ("charges"."failure" is not null))
);
--> statement-breakpoint
CREATE TABLE "faults" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "faults_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"operation" text,
	"status" smallint NOT NULL,
	"effect" boolean NOT NULL,
	"remaining" integer NOT NULL,
	CONSTRAINT "faults_remaining_not_negative" CHECK ("faults"."remaining" >= 0),
	CONSTRAINT "faults_status_is_failure" CHECK ("faults"."status" between 500 and 599)
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"key" text PRIMARY KEY NOT NULL,
	"fingerprint" text NOT NULL,
	"request_id" text NOT NULL,
	"status" smallint NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payment_intents" (
	"id" text PRIMARY KEY NOT NULL,
	"created" bigint NOT NULL,
	"version" integer NOT NULL,
	"status" text NOT NULL,
	"amount" integer NOT NULL,
	"amount_capturable" integer NOT NULL,
	"amount_received" integer NOT NULL,
	"currency" text NOT NULL,
	"capture_method" text NOT NULL,
	"payment_method" text,
	"latest_charge" text,
	"client_secret" text NOT NULL,
	"cancellation_reason" text,
	"canceled_at" bigint,
	"last_payment_error" jsonb,
	"next_action" jsonb,
	"metadata" jsonb NOT NULL,
	"details" jsonb NOT NULL,
	CONSTRAINT "payment_intents_status_known" CHECK ("payment_intents"."status" in ('requires_payment_method', 'requires_confirmation', 'requires_action', 'requires_capture', 'succeeded', 'canceled')),
	CONSTRAINT "payment_intents_capture_method_known" CHECK ("payment_intents"."capture_method" in ('automatic', 'automatic_async', 'manual')),
	CONSTRAINT "payment_intents_amount_positive" CHECK ("payment_intents"."amount" > 0),
	CONSTRAINT "payment_intents_amounts_within" CHECK ("payment_intents"."amount_capturable" between 0 and "payment_intents"."amount" and "payment_intents"."amount_received" between 0 and "payment_intents"."amount"),
	CONSTRAINT "payment_intents_capturable_while_authorised" CHECK (("payment_intents"."status" = 'requires_capture') = ("payment_intents"."amount_capturable" > 0)),
	CONSTRAINT "payment_intents_received_when_succeeded" CHECK (("payment_intents"."status" = 'succeeded') = ("payment_intents"."amount_received" > 0)),
	CONSTRAINT "payment_intents_charged" CHECK ("payment_intents"."status" not in ('requires_capture', 'succeeded') or "payment_intents"."latest_charge" is not null),
	CONSTRAINT "payment_intents_canceled_has_time" CHECK (("payment_intents"."status" = 'canceled') = ("payment_intents"."canceled_at" is not null)),
	CONSTRAINT "payment_intents_action_is_named" CHECK (("payment_intents"."status" = 'requires_action') = ("payment_intents"."next_action" is not null))
);
--> statement-breakpoint
CREATE TABLE "refunds" (
	"id" text PRIMARY KEY NOT NULL,
	"charge" text NOT NULL,
	"payment_intent" text NOT NULL,
	"created" bigint NOT NULL,
	"status" text NOT NULL,
	"amount" integer NOT NULL,
	"currency" text NOT NULL,
	"reason" text,
	"metadata" jsonb NOT NULL,
	CONSTRAINT "refunds_status_known" CHECK ("refunds"."status" in ('succeeded')),
	CONSTRAINT "refunds_amount_positive" CHECK ("refunds"."amount" > 0)
);
--> statement-breakpoint
ALTER TABLE "charges" ADD CONSTRAINT "charges_payment_intent_payment_intents_id_fk" FOREIGN KEY ("payment_intent") REFERENCES "public"."payment_intents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_charge_charges_id_fk" FOREIGN KEY ("charge") REFERENCES "public"."charges"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "charges_one_success_per_intent" ON "charges" USING btree ("payment_intent") WHERE "charges"."status" = 'succeeded';--> statement-breakpoint
CREATE INDEX "charges_books_idx" ON "charges" USING btree ("currency","amount_captured","amount_refunded") WHERE amount_captured > 0;--> statement-breakpoint
CREATE INDEX "payment_intents_created_idx" ON "payment_intents" USING btree ("created","id");--> statement-breakpoint
CREATE INDEX "payment_intents_metadata_idx" ON "payment_intents" USING gin ("metadata" jsonb_path_ops) WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "refunds_created_idx" ON "refunds" USING btree ("created","id");--> statement-breakpoint
CREATE INDEX "refunds_charge_idx" ON "refunds" USING btree ("charge","created","id");--> statement-breakpoint
CREATE INDEX "refunds_payment_intent_idx" ON "refunds" USING btree ("payment_intent","created","id");
CREATE TABLE "charges" (
	"id" text PRIMARY KEY NOT NULL,
	"payment_intent" text NOT NULL,
	"created" bigint NOT NULL,
	"status" text NOT NULL,
	"amount" integer NOT NULL,
	"amount_captured" integer NOT NULL,
	"amount_refunded" integer NOT NULL,
	"currency" text NOT NULL,
	"customer" text,
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
CREATE TABLE "controls" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"clock_offset_ms" bigint DEFAULT 0 NOT NULL,
	"latency_before_ms" integer DEFAULT 0 NOT NULL,
	"latency_after_ms" integer DEFAULT 0 NOT NULL,
	"hold" boolean DEFAULT false NOT NULL,
	"reorder" boolean DEFAULT false NOT NULL,
	"delay_ms" integer DEFAULT 0 NOT NULL,
	"drop_next" integer DEFAULT 0 NOT NULL,
	"duplicate_next" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "controls_one_row" CHECK ("controls"."id" = 1),
	CONSTRAINT "controls_counts_not_negative" CHECK ("controls"."drop_next" >= 0 and "controls"."duplicate_next" >= 0)
);
--> statement-breakpoint
CREATE TABLE "customers" (
	"id" text PRIMARY KEY NOT NULL,
	"created" bigint NOT NULL,
	"version" integer NOT NULL,
	"deleted" boolean NOT NULL,
	"email" text,
	"metadata" jsonb NOT NULL,
	"details" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"event" text NOT NULL,
	"endpoint" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"last_failure" text,
	CONSTRAINT "deliveries_status_known" CHECK ("deliveries"."status" in ('pending', 'delivered', 'failed', 'dropped'))
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" text PRIMARY KEY NOT NULL,
	"created" bigint NOT NULL,
	"type" text NOT NULL,
	"data" json NOT NULL,
	"request_id" text,
	"idempotency_key" text
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
	"customer" text,
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
CREATE TABLE "payment_methods" (
	"id" text PRIMARY KEY NOT NULL,
	"created" bigint NOT NULL,
	"version" integer NOT NULL,
	"customer" text,
	"metadata" jsonb NOT NULL,
	"details" jsonb NOT NULL
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
	"failure_reason" text,
	"settles_at" bigint,
	"metadata" jsonb NOT NULL,
	CONSTRAINT "refunds_status_known" CHECK ("refunds"."status" in ('pending', 'succeeded', 'failed', 'canceled')),
	CONSTRAINT "refunds_failed_has_reason" CHECK (("refunds"."status" = 'failed') = ("refunds"."failure_reason" is not null)),
	CONSTRAINT "refunds_amount_positive" CHECK ("refunds"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" text PRIMARY KEY NOT NULL,
	"created" bigint NOT NULL,
	"version" integer NOT NULL,
	"url" text NOT NULL,
	"secret" text NOT NULL,
	"status" text NOT NULL,
	"enabled_events" jsonb NOT NULL,
	"description" text,
	"api_version" text,
	"metadata" jsonb NOT NULL,
	CONSTRAINT "webhook_endpoints_status_known" CHECK ("webhook_endpoints"."status" in ('enabled', 'disabled'))
);
--> statement-breakpoint
ALTER TABLE "charges" ADD CONSTRAINT "charges_payment_intent_payment_intents_id_fk" FOREIGN KEY ("payment_intent") REFERENCES "public"."payment_intents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_event_events_id_fk" FOREIGN KEY ("event") REFERENCES "public"."events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_endpoint_webhook_endpoints_id_fk" FOREIGN KEY ("endpoint") REFERENCES "public"."webhook_endpoints"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_intents" ADD CONSTRAINT "payment_intents_customer_customers_id_fk" FOREIGN KEY ("customer") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_methods" ADD CONSTRAINT "payment_methods_customer_customers_id_fk" FOREIGN KEY ("customer") REFERENCES "public"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_charge_charges_id_fk" FOREIGN KEY ("charge") REFERENCES "public"."charges"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "charges_one_success_per_intent" ON "charges" USING btree ("payment_intent") WHERE "charges"."status" = 'succeeded';--> statement-breakpoint
CREATE INDEX "charges_created_idx" ON "charges" USING btree ("created","id");--> statement-breakpoint
CREATE INDEX "charges_payment_intent_idx" ON "charges" USING btree ("payment_intent","created","id");--> statement-breakpoint
CREATE INDEX "charges_books_idx" ON "charges" USING btree ("currency","amount_captured","amount_refunded") WHERE amount_captured > 0;--> statement-breakpoint
CREATE INDEX "customers_created_idx" ON "customers" USING btree ("created","id") WHERE not deleted;--> statement-breakpoint
CREATE INDEX "customers_email_idx" ON "customers" USING btree ("email","created","id") WHERE not deleted;--> statement-breakpoint
CREATE INDEX "deliveries_due_idx" ON "deliveries" USING btree ("due_at","id") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "deliveries_event_idx" ON "deliveries" USING btree ("event");--> statement-breakpoint
CREATE INDEX "deliveries_endpoint_idx" ON "deliveries" USING btree ("endpoint");--> statement-breakpoint
CREATE INDEX "events_created_idx" ON "events" USING btree ("created","id");--> statement-breakpoint
CREATE INDEX "events_type_idx" ON "events" USING btree ("type","created","id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "payment_intents_created_idx" ON "payment_intents" USING btree ("created","id");--> statement-breakpoint
CREATE INDEX "payment_intents_customer_idx" ON "payment_intents" USING btree ("customer","created","id") WHERE customer is not null;--> statement-breakpoint
CREATE INDEX "payment_intents_authorised_idx" ON "payment_intents" USING btree ("latest_charge") WHERE status = 'requires_capture';--> statement-breakpoint
CREATE INDEX "payment_intents_metadata_idx" ON "payment_intents" USING gin ("metadata" jsonb_path_ops) WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "payment_methods_created_idx" ON "payment_methods" USING btree ("created","id");--> statement-breakpoint
CREATE INDEX "payment_methods_customer_idx" ON "payment_methods" USING btree ("customer","created","id") WHERE customer is not null;--> statement-breakpoint
CREATE INDEX "refunds_settling_idx" ON "refunds" USING btree ("settles_at") WHERE settles_at is not null;--> statement-breakpoint
CREATE INDEX "refunds_created_idx" ON "refunds" USING btree ("created","id");--> statement-breakpoint
CREATE INDEX "refunds_charge_idx" ON "refunds" USING btree ("charge","created","id");--> statement-breakpoint
CREATE INDEX "refunds_payment_intent_idx" ON "refunds" USING btree ("payment_intent","created","id");
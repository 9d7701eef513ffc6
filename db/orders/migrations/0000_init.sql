CREATE TYPE "public"."order_goal" AS ENUM('paid', 'rejected', 'cancelled');--> statement-breakpoint
CREATE TYPE "public"."order_status" AS ENUM('pending', 'requires_action', 'paid', 'rejected', 'cancelled');--> statement-breakpoint
CREATE TABLE "order_events" (
	"order_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"type" text NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "order_events_order_id_version_pk" PRIMARY KEY("order_id","version")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account_id" uuid NOT NULL,
	"status" "order_status" DEFAULT 'pending' NOT NULL,
	"goal" "order_goal" DEFAULT 'paid' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"lease_until" timestamp with time zone NOT NULL,
	"due_at" timestamp with time zone,
	"idempotency_scope" text NOT NULL,
	"idempotency_key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"items" jsonb NOT NULL,
	"shipping_address" jsonb NOT NULL,
	"payment_method" text NOT NULL,
	"currency" char(3) NOT NULL,
	"expected_total" bigint,
	"attempt" integer DEFAULT 1 NOT NULL,
	"payment_intent_id" text,
	"failure" jsonb,
	"lines" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"subtotal" bigint DEFAULT 0 NOT NULL,
	"tax" bigint DEFAULT 0 NOT NULL,
	"total" bigint DEFAULT 0 NOT NULL,
	"captured" bigint DEFAULT 0 NOT NULL,
	"refunded" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "orders_goal_paid" CHECK ("orders"."status" <> 'paid' or "orders"."goal" = 'paid'),
	CONSTRAINT "orders_paid_is_captured" CHECK ("orders"."status" <> 'paid' or ("orders"."captured" = "orders"."total" and "orders"."payment_intent_id" is not null and jsonb_array_length("orders"."lines") > 0)),
	CONSTRAINT "orders_failed_has_reason" CHECK (("orders"."goal" = 'paid') = ("orders"."failure" is null)),
	CONSTRAINT "orders_failed_keeps_no_money" CHECK ("orders"."status" not in ('rejected', 'cancelled') or "orders"."captured" = "orders"."refunded"),
	CONSTRAINT "orders_final_is_not_due" CHECK ("orders"."status" in ('pending', 'requires_action') or "orders"."due_at" is null),
	CONSTRAINT "orders_open_is_due" CHECK ("orders"."status" not in ('pending', 'requires_action') or "orders"."due_at" is not null),
	CONSTRAINT "orders_refunded" CHECK ("orders"."refunded" between 0 and "orders"."captured"),
	CONSTRAINT "orders_total" CHECK ("orders"."total" = "orders"."subtotal" + "orders"."tax")
);
--> statement-breakpoint
ALTER TABLE "order_events" ADD CONSTRAINT "order_events_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "orders_idempotency_idx" ON "orders" USING btree ("idempotency_scope","idempotency_key");--> statement-breakpoint
CREATE INDEX "orders_account_idx" ON "orders" USING btree ("account_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "orders_due_idx" ON "orders" USING btree ("due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "orders_books_idx" ON "orders" USING btree ("currency","captured","refunded") WHERE captured > 0;
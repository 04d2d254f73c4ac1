//! The tables as diesel sees them: one macro per table, columns in the order of the database.
//!
//! Kept by hand, without comments (the database carries them); a test compares it with the
//! catalogue, so it cannot drift. Partitions are not listed: nobody may name one.

diesel::table! {
    account_links (tenant_id, user_id) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        kind -> Text,
        token_hash -> Bytea,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    attendance_days (tenant_id, slice, day, key) {
        tenant_id -> Uuid,
        slice -> Text,
        day -> Date,
        key -> Uuid,
        tally -> Json,
    }
}

diesel::table! {
    attendance_stretches (tenant_id, conversation_id, session, number) {
        tenant_id -> Uuid,
        conversation_id -> Uuid,
        session -> Int4,
        number -> Int4,
        channel_id -> Uuid,
        user_id -> Nullable<Uuid>,
        department_id -> Nullable<Uuid>,
        began_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        end_kind -> Nullable<Text>,
        answered_at -> Nullable<Timestamptz>,
        sent -> Int4,
        away_since -> Nullable<Timestamptz>,
        away_seconds -> Int4,
        day -> Nullable<Date>,
    }
}

diesel::table! {
    attendants (tenant_id, user_id) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        availability -> Text,
        capacity -> Int4,
        skills -> Array<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    audit_events (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Int8,
        at -> Timestamptz,
        category -> Text,
        action -> Text,
        actor_id -> Nullable<Uuid>,
        actor_name -> Nullable<Text>,
        actor_role -> Nullable<Text>,
        object_kind -> Nullable<Text>,
        object_id -> Nullable<Text>,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        request_id -> Text,
    }
}

diesel::table! {
    avatars (tenant_id, user_id) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        media_type -> Text,
        bytes -> Bytea,
        digest -> Bytea,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    bot_flows (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        is_active -> Bool,
        definition -> Jsonb,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    bot_trials (tenant_id, customer_id) {
        tenant_id -> Uuid,
        customer_id -> Uuid,
        flow_id -> Uuid,
        started_by -> Uuid,
        since -> Timestamptz,
        until -> Timestamptz,
    }
}

diesel::table! {
    canned_replies (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        department_id -> Nullable<Uuid>,
        user_id -> Nullable<Uuid>,
        shortcut -> Text,
        title -> Text,
        text -> Text,
        words -> Text,
        used -> Int8,
        last_used_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    channels (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        driver -> Text,
        name -> Text,
        phone_number_id -> Nullable<Text>,
        waba_id -> Nullable<Text>,
        display_phone -> Nullable<Text>,
        access_token_enc -> Nullable<Bytea>,
        app_secret_enc -> Nullable<Bytea>,
        verify_token_hash -> Nullable<Bytea>,
        throughput_per_second -> Int4,
        health -> Text,
        health_code -> Nullable<Int8>,
        health_detail -> Nullable<Text>,
        health_at -> Nullable<Timestamptz>,
        is_active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        webhook_verified_at -> Nullable<Timestamptz>,
        webhook_delivered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    conversation_labels (tenant_id, conversation_id, label_id) {
        tenant_id -> Uuid,
        conversation_id -> Uuid,
        label_id -> Uuid,
    }
}

diesel::table! {
    conversation_peers (tenant_id, channel_id, kind, key) {
        tenant_id -> Uuid,
        channel_id -> Uuid,
        kind -> Text,
        key -> Text,
        conversation_id -> Uuid,
    }
}

diesel::table! {
    conversation_state (tenant_id, conversation_id) {
        tenant_id -> Uuid,
        conversation_id -> Uuid,
        version -> Int8,
        epoch -> Int8,
        wake_at -> Nullable<Timestamptz>,
        payload -> Text,
    }
}

diesel::table! {
    conversation_transfers (tenant_id, conversation_id, id) {
        tenant_id -> Uuid,
        conversation_id -> Uuid,
        id -> Int8,
        kind -> Text,
        from_kind -> Nullable<Text>,
        from_user_id -> Nullable<Uuid>,
        to_kind -> Nullable<Text>,
        to_user_id -> Nullable<Uuid>,
        department_id -> Nullable<Uuid>,
        by_kind -> Text,
        by_user_id -> Nullable<Uuid>,
        note -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    conversations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        channel_id -> Uuid,
        customer_id -> Uuid,
        peer_kind -> Text,
        peer_key -> Text,
        peer_value -> Text,
        is_group -> Bool,
        status -> Text,
        mode -> Text,
        assigned_user_id -> Nullable<Uuid>,
        department_id -> Nullable<Uuid>,
        priority -> Nullable<Text>,
        menu_level -> Text,
        unread_count -> Int4,
        last_seq -> Int8,
        last_message_at -> Nullable<Timestamptz>,
        last_inbound_at -> Nullable<Timestamptz>,
        session_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        quarantined -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        offered_user_id -> Nullable<Uuid>,
        offer_expires_at -> Nullable<Timestamptz>,
        archived_at -> Nullable<Timestamptz>,
        snoozed_until -> Nullable<Timestamptz>,
        waiting_since -> Nullable<Timestamptz>,
        rating -> Nullable<Int2>,
    }
}

diesel::table! {
    customer_aliases (tenant_id, kind, key) {
        tenant_id -> Uuid,
        kind -> Text,
        key -> Text,
        value -> Text,
        customer_id -> Uuid,
        merges -> Array<Uuid>,
    }
}

diesel::table! {
    customer_attributes (tenant_id, key) {
        tenant_id -> Uuid,
        key -> Text,
        label -> Text,
        kind -> Text,
        choices -> Jsonb,
        position -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    customer_merges (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        source_id -> Uuid,
        target_id -> Uuid,
        by_user_id -> Uuid,
        at -> Timestamptz,
        conversations -> Array<Uuid>,
        filled -> Array<Text>,
        undone_by -> Nullable<Uuid>,
        undone_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    customers (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        number -> Int8,
        name -> Nullable<Text>,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        metadata -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        notes -> Nullable<Text>,
        merged_into -> Nullable<Uuid>,
    }
}

diesel::table! {
    departments (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        position -> Int4,
        business_hours -> Nullable<Jsonb>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        strategy -> Text,
        offer_seconds -> Int4,
        skills -> Array<Text>,
    }
}

diesel::table! {
    engine_incidents (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Int8,
        conversation_id -> Nullable<Uuid>,
        actor_kind -> Text,
        kind -> Text,
        reason -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    event_heads (tenant_id) {
        tenant_id -> Uuid,
        head -> Int8,
    }
}

diesel::table! {
    events (tenant_id, seq) {
        tenant_id -> Uuid,
        seq -> Int8,
        conversation_id -> Uuid,
        version -> Nullable<Int8>,
        kind -> Text,
        message_seq -> Nullable<Int8>,
        refs -> Json,
        audience -> Json,
        prior -> Nullable<Json>,
        at -> Timestamptz,
    }
}

diesel::table! {
    handoffs (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        conversation_id -> Uuid,
        department_id -> Nullable<Uuid>,
        priority -> Text,
        status -> Text,
        reason -> Text,
        note -> Nullable<Text>,
        requested_by -> Text,
        requested_by_user_id -> Nullable<Uuid>,
        assigned_to -> Nullable<Text>,
        assigned_user_id -> Nullable<Uuid>,
        requested_at -> Timestamptz,
        assigned_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        cancelled_at -> Nullable<Timestamptz>,
        resolution -> Nullable<Text>,
        customer_satisfaction -> Nullable<Int2>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        waiting_since -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    idempotency_keys (tenant_id, user_id, key) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        key -> Text,
        request -> Bytea,
        answer -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    inbox (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Int8,
        channel_id -> Uuid,
        external_id -> Text,
        item -> Nullable<Json>,
        state -> Text,
        attempts -> Int4,
        next_at -> Nullable<Timestamptz>,
        wake_key -> Nullable<Text>,
        reason -> Nullable<Text>,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    inbox_keys (tenant_id, channel_id, external_id) {
        tenant_id -> Uuid,
        channel_id -> Uuid,
        external_id -> Text,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    inbox_unrouted (id) {
        id -> Int8,
        route -> Text,
        body -> Bytea,
        received_at -> Timestamptz,
    }
}

diesel::table! {
    jobs (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Int8,
        kind -> Text,
        key -> Text,
        payload -> Json,
        state -> Text,
        attempts -> Int4,
        next_at -> Timestamptz,
        lease_epoch -> Nullable<Int8>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        again_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    labels (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        colour -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    message_search (tenant_id, block, id) {
        tenant_id -> Uuid,
        block -> Int4,
        id -> Int8,
        conversation_id -> Uuid,
        seq -> Int8,
        kind -> Text,
        sender -> Text,
        sender_user_id -> Nullable<Uuid>,
        sent_at -> Timestamptz,
    }
}

diesel::table! {
    media (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        conversation_id -> Nullable<Uuid>,
        message_seq -> Nullable<Int8>,
        direction -> Text,
        kind -> Text,
        state -> Text,
        mime_type -> Nullable<Text>,
        size -> Nullable<Int8>,
        sha256 -> Nullable<Text>,
        filename -> Nullable<Text>,
        storage_key -> Nullable<Text>,
        channel_id -> Nullable<Uuid>,
        provider_id -> Nullable<Text>,
        provider_sha256 -> Nullable<Text>,
        provider_expires_at -> Nullable<Timestamptz>,
        uploaded_by -> Nullable<Uuid>,
        error -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    message_templates (tenant_id, waba_id, name, language) {
        tenant_id -> Uuid,
        waba_id -> Text,
        name -> Text,
        language -> Text,
        id -> Text,
        category -> Nullable<Text>,
        status -> Text,
        reason -> Nullable<Text>,
        components -> Jsonb,
        synced_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    messages (tenant_id, conversation_id, seq) {
        tenant_id -> Uuid,
        conversation_id -> Uuid,
        seq -> Int8,
        id -> Uuid,
        sender -> Text,
        sender_user_id -> Nullable<Uuid>,
        kind -> Text,
        text -> Text,
        body -> Nullable<Json>,
        external_id -> Nullable<Text>,
        quoted -> Nullable<Text>,
        context -> Nullable<Json>,
        sent_at -> Timestamptz,
        late -> Bool,
        delivery -> Nullable<Int2>,
        delivery_error -> Nullable<Json>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    notifications (tenant_id, user_id, id) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        conversation_id -> Uuid,
        message_seq -> Nullable<Int8>,
        by_user_id -> Nullable<Uuid>,
        at -> Timestamptz,
        read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    outbox (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        conversation_id -> Uuid,
        seq -> Int8,
        channel_id -> Uuid,
        class -> Int2,
        epoch -> Nullable<Int8>,
        state -> Text,
        attempts -> Int4,
        due_at -> Timestamptz,
        claimed_at -> Nullable<Timestamptz>,
        lease_epoch -> Nullable<Int8>,
        external_id -> Nullable<Text>,
        error -> Nullable<Json>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    ratings (tenant_id, conversation_id, session) {
        tenant_id -> Uuid,
        conversation_id -> Uuid,
        session -> Int4,
        score -> Int2,
        rated_by -> Text,
        rated_by_user_id -> Nullable<Uuid>,
        user_id -> Nullable<Uuid>,
        department_id -> Nullable<Uuid>,
        handoff_id -> Nullable<Uuid>,
        comment_seq -> Nullable<Int8>,
        at -> Timestamptz,
    }
}

diesel::table! {
    recovery_codes (tenant_id, user_id, code_hash) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        code_hash -> Bytea,
    }
}

diesel::table! {
    refresh_tokens (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        family -> Uuid,
        user_id -> Uuid,
        token_hash -> Bytea,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        replaced_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        began_at -> Nullable<Timestamptz>,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
        in_cookie -> Bool,
    }
}

diesel::table! {
    scheduled_messages (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        conversation_id -> Uuid,
        author_id -> Uuid,
        send_at -> Timestamptz,
        state -> Text,
        revision -> Int4,
        body -> Nullable<Text>,
        claimed_at -> Nullable<Timestamptz>,
        message_seq -> Nullable<Int8>,
        failure -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        request -> Nullable<Bytea>,
    }
}

diesel::table! {
    search_counters (tenant_id) {
        tenant_id -> Uuid,
        indexed -> Int8,
    }
}

diesel::table! {
    second_factors (tenant_id, user_id) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        secret_enc -> Bytea,
        last_step -> Int8,
        challenge_hash -> Nullable<Bytea>,
        challenge_expires_at -> Nullable<Timestamptz>,
        challenge_attempts -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    service_sessions (tenant_id, conversation_id, session) {
        tenant_id -> Uuid,
        conversation_id -> Uuid,
        session -> Int4,
        channel_id -> Uuid,
        department_id -> Nullable<Uuid>,
        last_user_id -> Nullable<Uuid>,
        opened_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        end_reason -> Nullable<Text>,
        asked_at -> Nullable<Timestamptz>,
        taken_at -> Nullable<Timestamptz>,
        answered_at -> Nullable<Timestamptz>,
        transfers -> Int4,
        inbound -> Int4,
        bot -> Int4,
        staff -> Int4,
        stretches -> Int4,
        served_at -> Nullable<Timestamptz>,
        day -> Nullable<Date>,
        opened_seq -> Nullable<Int8>,
        counted_to -> Nullable<Int8>,
    }
}

diesel::table! {
    shard_leases (shard) {
        shard -> Int2,
        node -> Nullable<Text>,
        epoch -> Int8,
        lease_until -> Timestamptz,
    }
}

diesel::table! {
    stream_cursors (tenant_id, follower) {
        tenant_id -> Uuid,
        follower -> Text,
        seq -> Int8,
        at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    template_accounts (tenant_id, waba_id) {
        tenant_id -> Uuid,
        waba_id -> Text,
        synced_at -> Nullable<Timestamptz>,
        asked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tenants (tenant_id) {
        tenant_id -> Uuid,
        slug -> Text,
        name -> Text,
        email -> Nullable<Text>,
        status -> Text,
        trial_ends_at -> Nullable<Timestamptz>,
        shard -> Int2,
        policy -> Jsonb,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        plan -> Text,
    }
}

diesel::table! {
    user_departments (tenant_id, user_id, department_id) {
        tenant_id -> Uuid,
        user_id -> Uuid,
        department_id -> Uuid,
    }
}

diesel::table! {
    users (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        email -> Text,
        password_hash -> Text,
        full_name -> Text,
        role -> Text,
        avatar_url -> Nullable<Text>,
        is_active -> Bool,
        must_change_password -> Bool,
        last_login_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        two_factor_at -> Nullable<Timestamptz>,
        locale -> Text,
        preferences -> Jsonb,
    }
}

diesel::table! {
    webhook_deliveries (received_at) {
        received_at -> Timestamptz,
        tenant_ids -> Array<Uuid>,
        body -> Bytea,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    account_links,
    attendance_days,
    attendance_stretches,
    attendants,
    audit_events,
    avatars,
    bot_flows,
    bot_trials,
    canned_replies,
    channels,
    conversation_labels,
    conversation_peers,
    conversation_state,
    conversation_transfers,
    conversations,
    customer_aliases,
    customer_attributes,
    customer_merges,
    customers,
    departments,
    engine_incidents,
    event_heads,
    events,
    handoffs,
    idempotency_keys,
    inbox,
    inbox_keys,
    inbox_unrouted,
    jobs,
    labels,
    message_search,
    media,
    message_templates,
    messages,
    notifications,
    outbox,
    ratings,
    recovery_codes,
    refresh_tokens,
    scheduled_messages,
    search_counters,
    second_factors,
    service_sessions,
    shard_leases,
    stream_cursors,
    template_accounts,
    tenants,
    user_departments,
    users,
    webhook_deliveries,
);

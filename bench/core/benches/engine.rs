//! The engine natively, with the growth over the records that wait. `npm run bench:core` runs it and makes the table.
//!
//! What the page adds to these numbers is in `npm run bench`: the border to JavaScript, localStorage, WebAssembly.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Duration;
use tillpost::core::batch::{self, Bounds};
use tillpost::core::effect::{Answer, Effect, Input, Now};
use tillpost::core::engine::Engine;
use tillpost::core::product_event;
use tillpost::core::token;
use tillpost_bench::{NOW, PAYLOAD, answer, call, engine, items, query, queue, records, settings, store};

/// The engine holds at most 5,000 records; the queue alone has no bound.
const ENGINE: [usize; 4] = [0, 100, 1_000, 5_000];
const QUEUE: [usize; 3] = [100, 1_000, 10_000];

fn calls(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("call");
    for waiting in ENGINE {
        let Some(fresh) = engine(waiting.min(4_999)) else { return };
        let mut engine = fresh.clone();
        // The queue must not grow while it is measured, and is too large to be copied for each call: what a call adds
        // is taken out again by the next input, outside the measured time.
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            bencher.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for number in 0..times {
                    // A page may make 10,000 calls at once: what comes after them is refused.
                    if number % 9_000 == 0 {
                        engine = fresh.clone();
                    }
                    let mut effects = Vec::with_capacity(4);
                    let input = call();
                    let began = std::time::Instant::now();
                    engine.handle(NOW, &input, &mut effects);
                    let added = effects.iter().find_map(|effect| match effect {
                        Effect::Persist(record) => Some(record.id().to_owned()),
                        _ => None,
                    });
                    store(&mut engine, &mut effects);
                    spent += began.elapsed();
                    let body = ["{\"results\":[{\"id\":\"", &added.unwrap_or_default(), "\",\"status\":\"stored\"}]}"];
                    let answer = Answer::Response {
                        status: 200,
                        retry_after: String::new(),
                        retry_at: 0,
                        date: 0,
                        body: body.concat(),
                    };
                    engine.handle(NOW, &Input::Answer { request: u32::MAX, answer }, &mut effects);
                    black_box(&effects);
                }
                spent
            });
        });
    }
    group.finish();
}

/// The tick that sends, and the answer that names all of it.
fn batches(criterion: &mut Criterion) {
    let later = Now { monotonic: NOW.monotonic + 1_000, ..NOW };
    let send = |engine: &mut Engine, effects: &mut Vec<Effect>| engine.handle(later, &Input::Tick, effects);
    let mut group = criterion.benchmark_group("send 100");
    for waiting in ENGINE.into_iter().skip(1) {
        let Some(engine) = engine(waiting) else { return };
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            let fresh = || (engine.clone(), Vec::with_capacity(4));
            let work = |(mut engine, mut effects)| {
                send(&mut engine, &mut effects);
                (engine, effects)
            };
            bencher.iter_batched(fresh, work, BatchSize::LargeInput);
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("acknowledge 100");
    for waiting in ENGINE.into_iter().skip(1) {
        let Some(mut engine) = engine(waiting) else { return };
        let mut effects = Vec::new();
        send(&mut engine, &mut effects);
        let request = effects.iter().find_map(|effect| match effect {
            Effect::Send { request, .. } => Some(*request),
            _ => None,
        });
        let Some(request) = request else { return };
        let body = answer(100);
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            let fresh = || {
                let answer = Answer::Response {
                    status: 200,
                    retry_after: String::new(),
                    retry_at: 0,
                    date: 0,
                    body: body.clone(),
                };
                (engine.clone(), Input::Answer { request, answer }, Vec::with_capacity(128))
            };
            let work = |(mut engine, input, mut effects): (Engine, Input, Vec<Effect>)| {
                engine.handle(later, &input, &mut effects);
                (engine, effects)
            };
            bencher.iter_batched(fresh, work, BatchSize::LargeInput);
        });
    }
    group.finish();
}

fn adopt(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("adopt");
    for count in ENGINE.into_iter().skip(1) {
        let Some(engine) = engine(0) else { return };
        let items = items(count);
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            let fresh = || (engine.clone(), items.clone(), Vec::with_capacity(4));
            let work = |(mut engine, items, mut effects): (Engine, _, Vec<Effect>)| {
                engine.handle(NOW, &Input::Found(items), &mut effects);
                (engine, effects)
            };
            bencher.iter_batched(fresh, work, BatchSize::LargeInput);
        });
    }
    group.finish();
}

/// The queue alone: how its own work grows with what waits.
fn queues(criterion: &mut Criterion) {
    let Some(settings) = settings() else { return };
    let mut group = criterion.benchmark_group("queue: add the newest");
    for waiting in QUEUE {
        let mut queue = queue(waiting);
        let Some(newest) = records(waiting + 1).last() else { return };
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            bencher.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    let record = newest.clone();
                    let began = std::time::Instant::now();
                    queue.add(record, true);
                    spent += began.elapsed();
                    black_box(queue.remove(newest.id()));
                }
                spent
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("queue: build a batch of 100");
    for waiting in QUEUE {
        let mut queue = queue(waiting);
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            bencher.iter_custom(|times| {
                let mut spent = Duration::ZERO;
                for _ in 0..times {
                    let began = std::time::Instant::now();
                    black_box(batch::build(&mut queue, &settings, 1, Bounds::WHOLE, NOW.wall, 0));
                    spent += began.elapsed();
                    queue.iter_mut().for_each(|entry| entry.request = 0);
                }
                spent
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("queue: remove the oldest 100");
    for waiting in QUEUE {
        let queue = queue(waiting);
        let oldest: Vec<String> = records(100).map(|record| record.id().into()).collect();
        group.bench_function(BenchmarkId::from_parameter(waiting), |bencher| {
            let work = |mut queue: tillpost::core::queue::Queue| {
                oldest.iter().for_each(|id| drop(black_box(queue.remove(id))));
                queue
            };
            bencher.iter_batched(|| queue.clone(), work, BatchSize::LargeInput);
        });
    }
    group.finish();
}

fn judging(criterion: &mut Criterion) {
    let Some(settings) = settings() else { return };
    let query = query();
    criterion.bench_function("validate", |bencher| {
        bencher.iter(|| product_event::check(black_box(PAYLOAD), &settings.schema, &mut Vec::new()));
    });
    criterion.bench_function("token from 2 KB of query", |bencher| {
        bencher.iter(|| token::from_query(black_box(&query), &settings.token_names));
    });
}

fn quick() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
}

criterion_group! { name = all; config = quick(); targets = calls, batches, adopt, queues, judging }
criterion_main!(all);

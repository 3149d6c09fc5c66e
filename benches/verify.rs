//! Verifying: no signature twice, with both protocols and each key type, without and with the path from the signer's
//! certificate to an anchor. `cargo bench --bench verify`

mod support;

use std::time::Duration;

use aws_lc_rs::digest::SHA256;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use support::Subject;
use support::bare::hash;
use support::letter::{Drafts, SIZES};

fn verify(c: &mut Criterion) {
    let subjects = Subject::all(|_| true);
    for (size_name, size) in SIZES {
        let mut group = c.benchmark_group(format!("verify {size_name}"));
        group.throughput(Throughput::Bytes(size as u64));
        let batch = if size > 1 << 20 { BatchSize::PerIteration } else { BatchSize::SmallInput };
        let mut drafts = Drafts::new(size);
        for subject in &subjects {
            group.bench_function(&subject.name, |b| {
                let next = || subject.signed(&mut drafts, 1);
                b.iter_batched(next, |letters| subject.verify(&letters[0]), batch);
            });
            group.bench_function(format!("{} and its path", subject.name), |b| {
                let next = || subject.signed(&mut drafts, 1);
                b.iter_batched(next, |letters| subject.verify_and_believe(&letters[0]), batch);
            });
        }
        group.bench_function("SHA-256 alone", |b| {
            b.iter_batched(|| drafts.next(), |draft| hash(&SHA256, &draft), batch);
        });
    }
    let mut group = c.benchmark_group("the public key alone");
    for subject in subjects.iter().filter(|subject| subject.chain == 0) {
        group.bench_function(subject.key_type.name(), |b| {
            let next = || subject.bare.signed(1);
            b.iter_batched(next, |signed| subject.bare.verify(&signed[0]), BatchSize::SmallInput);
        });
    }
}

fn short() -> Criterion {
    let short = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(500));
    short.measurement_time(Duration::from_secs(2))
}

criterion_group! { name = benches; config = short(); targets = verify }
criterion_main!(benches);

"""Train a network that answers whole images: a class, several findings, a number, or a box."""

import argparse

from keras_mia.cli import answer_options, options
from keras_mia.cli.app import run


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keras-mia classify", description=__doc__, allow_abbrev=False
    )
    options.add_data(parser, answers=True)
    answer_options.add_answers(parser)
    options.add_output(parser)
    options.add_fold(parser)
    options.add_training(parser, minutes=6.0)
    answer_options.add_answer_plan(parser)
    return parser


def main(args: argparse.Namespace) -> None:
    import keras

    from keras_mia.cli.answer_steps import judge_answers, make_answer_plan, read_answers
    from keras_mia.cli.steps import start_run
    from keras_mia.core.hardware import precision
    from keras_mia.data.stack import stack
    from keras_mia.tasks import classification
    from keras_mia.training import Budget, devices, fit, strategy

    run = start_run(args, args.output, "classification")
    keras.utils.set_random_seed(args.seed)
    keras.config.set_dtype_policy(precision(args.precision))

    with run.timed("reading"):
        cases, seen = read_answers(args, args.fold)
        run.save_cases(cases)
        run.record(fold=cases.fold)
        plan = run.save_plan(make_answer_plan(args, cases, seen))
    with run.timed("preparing"):
        train, validation, test = (
            stack(part, plan, run.cache) for part in (cases.train, cases.validation, cases.test)
        )
    with run.timed("training"):
        with strategy().scope():
            model = classification.build(plan)
        run.record(parameters=model.count_params(), precision=precision(args.precision))
        fit(
            model,
            classification.batches(train, plan, seed=args.seed),
            run,
            batch_size=plan.batch_size,
            budget=Budget(args.minutes, args.steps, args.epochs, validations=args.validations),
            validate=classification.validate(validation, plan),
            peak_rate=args.learning_rate or classification.PEAK_RATE,
            schedule=args.schedule,
            patience=args.patience,
            tensorboard=args.tensorboard,
        )
    if run.writes:
        judge_answers(run, cases, validation, test, plan)
        print(f"The report is {run.folder / 'report.html'}")
    run.finish()
    devices.from_chief(0)  # other workers wait here until the chief has judged


if __name__ == "__main__":
    run(parser(), main)
